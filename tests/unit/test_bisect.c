/* SPDX-License-Identifier: Apache-2.0 */
/* On members that are numbers; a link is a descriptor of /dev/null. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>

#include "bpftrace/runner/attach/bisect.h"

enum { MEMBERS = 20 };

struct kernel {
	bool bad[MEMBERS]; /* members that it refuses */
	int number;        /* how */
	size_t calls;
	bool attached[MEMBERS];
	VEC(size_t) refused;
	bool is_optional; /* one that is refused is skipped */
};

static int create(void *context, size_t first, size_t count)
{
	struct kernel *kernel = context;

	kernel->calls++;
	for (size_t i = first; i < first + count; i++) {
		if (kernel->bad[i])
			return -kernel->number;
	}
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool is_about_members(int number)
{
	return number == EINVAL;
}

static void attached(void *context, size_t first, size_t count)
{
	struct kernel *kernel = context;

	for (size_t i = first; i < first + count; i++)
		kernel->attached[i] = true;
}

static struct error *refused(void *context, size_t member, int number)
{
	struct kernel *kernel = context;

	vec_push(&kernel->refused, member);
	return kernel->is_optional ? NULL : error_new(number, "member %zu", member);
}

static struct error *failed(void *context _unused_, size_t first, int number)
{
	return error_new(number, "all from %zu on", first);
}

static bool is_interrupted(void *context)
{
	return *(const bool *)context;
}

static struct error *attach(
	struct kernel *kernel, const struct waiter *waiter, struct attachment *ret)
{
	const struct bisect bisect = {
		.context = kernel,
		.create = create,
		.is_about_members = is_about_members,
		.attached = attached,
		.refused = refused,
		.failed = failed,
	};

	return bisect_attach(&bisect, waiter, MEMBERS, ret);
}

static void one_link_where_all_are_good(void **state _unused_)
{
	struct kernel kernel = {};
	struct attachment attachment = {};

	assert_success(attach(&kernel, NULL, &attachment));
	assert_int_equal(attachment.count, 1);
	assert_int_equal(kernel.calls, 1);
	attachment_deinit(&attachment);
}

static void bad_members_are_found(void **state _unused_)
{
	struct kernel kernel = {.number = EINVAL, .is_optional = true};
	struct attachment attachment = {};

	kernel.bad[0] = kernel.bad[7] = kernel.bad[8] = kernel.bad[MEMBERS - 1] = true;
	assert_success(attach(&kernel, NULL, &attachment));
	for (size_t i = 0; i < MEMBERS; i++)
		assert_int_equal(kernel.attached[i], !kernel.bad[i]);
	assert_int_equal(kernel.refused.count, 4);
	assert_int_equal(kernel.refused.items[1], 7);
	assert_true(kernel.calls < 2 * MEMBERS - 1);
	vec_deinit(&kernel.refused);
	attachment_deinit(&attachment);
}

/* The caller detaches what is attached by then. */
static void the_first_error_ends_it(void **state _unused_)
{
	struct kernel kernel = {.number = EINVAL};
	struct attachment attachment = {};

	kernel.bad[3] = kernel.bad[MEMBERS - 1] = true;
	assert_failure(attach(&kernel, NULL, &attachment), "member 3");
	assert_int_equal(kernel.refused.count, 1);
	assert_false(kernel.attached[MEMBERS - 2]);
	vec_deinit(&kernel.refused);
	attachment_deinit(&attachment);
}

static void other_refusals_are_about_all(void **state _unused_)
{
	struct kernel kernel = {.number = EPERM, .is_optional = true};
	struct attachment attachment = {};

	kernel.bad[3] = true;
	assert_failure(attach(&kernel, NULL, &attachment), "all from 0 on");
	assert_int_equal(kernel.calls, 1);
	assert_int_equal(attachment.count, 0);
}

static void a_signal_ends_it(void **state _unused_)
{
	struct kernel kernel = {};
	struct attachment attachment = {};
	bool interrupted = true;
	const struct waiter waiter = {.interrupted = is_interrupted, .context = &interrupted};

	assert_success(attach(&kernel, &waiter, &attachment));
	assert_int_equal(kernel.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_link_where_all_are_good),
		cmocka_unit_test(bad_members_are_found),
		cmocka_unit_test(the_first_error_ends_it),
		cmocka_unit_test(other_refusals_are_about_all),
		cmocka_unit_test(a_signal_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
