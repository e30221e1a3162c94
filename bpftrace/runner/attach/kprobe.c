/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the kernel: one link for all members where the kernel has such links
 * (kprobe_multi.c), else a perf event per function. Which of the two must be known before load,
 * since the verifier is told. A place inside of a function always has a perf event.
 *
 * The kernel refuses a multi link as a whole. Then it is tried in halves, until those members are
 * found that cannot be probed: one that a wildcard brought along is left out and counted, one that
 * was named is an error.
 *
 * A session is a multi link whose program runs at entry and at return: its second half of members
 * are the returns of the functions of the first half.
 */
#include "attach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "bpftrace/runner/options.h"
#include "kprobe_multi.h"
#include "kprobe_session.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/host/feature.h"
#include "libcommon/host/functions.h"
#include "perf_event.h"

#define PMU        "/sys/bus/event_source/devices/kprobe/"
#define INJECTABLE "/sys/kernel/debug/error_injection/list"

/* Up to so many names the kernel finds sooner than we read all symbols; for more, kernels
 * before 6.2 take seconds. */
enum { MOST_NAMES = 16 };

/* Kernels before 6.7 let a multi link override any function, also those that cannot bear it. */
static bool may_be_multi(const struct session *session)
{
	return !(session->options->disabled_features & FEATURE_BIT(FEATURE_KPROBE_MULTI)) &&
	       !bundle_calls(&session->bundle, BPF_FUNC_override_return) && kprobe_multi_works();
}

static struct error *prepare(
	struct session *session, uint32_t link _unused_, struct bpf_program *program)
{
	if (session->kprobes == KPROBES_UNKNOWN)
		session->kprobes = may_be_multi(session) ? KPROBES_MULTI : KPROBES_SINGLE;
	if (session->kprobes == KPROBES_MULTI)
		bpf_program__set_expected_attach_type(program, BPF_TRACE_KPROBE_MULTI);
	return NULL;
}

/* Kernels before 6.2 find functions of modules by address only, perf events those that share their
 * name; addresses are secret. */
static capability_set needs(const struct session *session)
{
	return CAPABILITY(CAP_SYSLOG) |
	       (session->kprobes == KPROBES_SINGLE ? perf_event_needs(session) : 0);
}

static capability_set needs_session(const struct session *session _unused_)
{
	return CAPABILITY(CAP_SYSLOG);
}

static capability_set needs_inside(const struct session *session)
{
	return CAPABILITY(CAP_SYSLOG) | perf_event_needs(session);
}

static bool is_multi(const struct session *session, uint32_t link)
{
	enum attach_kind attach = session->bundle.manifest.links.items[link].attach;

	return attach == ATTACH_KPROBE_SESSION ||
	       (attach == ATTACH_KPROBE && session->kprobes == KPROBES_MULTI);
}

static enum obstacle obstacle_of(const struct session *session, uint32_t link)
{
	if (session->bundle.manifest.links.items[link].attach == ATTACH_KPROBE_INSIDE)
		return OBSTACLE_KPROBE_INSIDE;
	return is_multi(session, link) ? OBSTACLE_KPROBE_MULTI : OBSTACLE_KPROBE;
}

/* A function of a module may only have its address for a name. */
static struct error *failed_to_find(
	const struct session *session, const struct manifest_probe *probe, int number)
{
	_cleanup_str_ struct str cause = STR_INIT;

	if (!probe->target || !*probe->target ||
		!obstacle_find(session->host, OBSTACLE_ADDRESS, number, &cause))
		str_append(&cause, "the kernel has no such function");
	return error_new(number, "cannot attach %s: %s", probe->name, str_text(&cause));
}

/* What the kernel means by its errors here. */
static struct error *failed(
	const struct session *session, const struct manifest_probe *probe, int number)
{
	if (number == EINVAL && attach_overrides(session, probe->link))
		return error_new(number,
			"cannot override %s: the kernel does not let it fail; " INJECTABLE
			" lists the functions that may",
			probe->name);
	switch (number) {
	case EADDRNOTAVAIL:
		return error_new(number,
			"cannot attach %s: the kernel has several functions of this name",
			probe->name);
	case EILSEQ:
		return error_new(number, "Could not add kprobe into middle of instruction: %s+%llu",
			probe->event, (unsigned long long)probe->address);
	case ENODEV:
		return error_new(number,
			"cannot attach %s: the kernel gave up tracing functions after a failure of "
			"its own (dmesg tells); reboot",
			probe->name);
	case ENOENT:
	case ESRCH: return failed_to_find(session, probe, number);
	default:
		return attach_failed(
			session, obstacle_of(session, probe->link), probe->name, number);
	}
}

static struct error *refuse(struct session *session, const struct manifest_probe *probe, int number)
{
	return attach_left_out(session, probe, failed(session, probe, number));
}

/* --- one link --- */

struct members {
	VEC(const char *) names;
	VEC(uint64_t) addresses;
	VEC(uint64_t) cookies;
	VEC(const struct manifest_probe *) probes;
	size_t functions; /* in a session the probes are twice as many */
	bool by_address;
	bool is_return;
	bool is_session;
};

static void members_deinit(struct members *members)
{
	vec_deinit(&members->names);
	vec_deinit(&members->addresses);
	vec_deinit(&members->cookies);
	vec_deinit(&members->probes);
}

static void members_add(struct members *members, const struct manifest_probe *probe)
{
	vec_push(&members->names, probe->event);
	vec_push(&members->cookies, probe->cookie);
	vec_push(&members->probes, probe);
	members->by_address |= probe->target && *probe->target;
}

/* All probes of a function. */
static struct error *refuse_function(
	struct session *session, const struct members *members, size_t function, int number)
{
	struct error *error = NULL;

	for (size_t i = function; i < members->probes.count && !error; i += members->functions)
		error = refuse(session, members->probes.items[i], number);
	return error;
}

/* Of the function's begin; 0 where addresses are hidden. */
static uint64_t address_of(struct session *session, const struct manifest_probe *probe)
{
	if (!session->functions)
		session->functions = functions_new(session->host);
	return functions_address(
		session->functions, probe->target ? probe->target : "", probe->event);
}

/* Falls back to names where addresses are hidden. */
static void find_addresses(struct session *session, struct members *members)
{
	const struct manifest_probe **probe;

	vec_for_each (&members->probes, probe) {
		uint64_t address = address_of(session, *probe);

		vec_push(&members->addresses, address);
		members->by_address &= address != 0;
	}
}

static int try_to_attach(const struct members *members, size_t first, size_t count, int program_fd)
{
	struct kprobe_multi multi = {
		.names = members->names.items + first,
		.addresses = members->by_address ? members->addresses.items + first : NULL,
		.cookies = members->cookies.items + first,
		.count = count,
		.is_return = members->is_return,
		.is_session = members->is_session,
	};

	return kprobe_multi_attach(program_fd, &multi);
}

/* Whether the refusal is about some of the functions, not about us. */
static bool is_about_members(int number)
{
	return number == ESRCH || number == ENOENT || number == EINVAL || number == EADDRNOTAVAIL;
}

static struct error *attach_part(struct session *session, const struct members *members,
	size_t first, size_t count, int program_fd, struct attachment *ret)
{
	size_t half = count / 2;

	if (count == 0)
		return NULL;
	int fd = try_to_attach(members, first, count, program_fd);

	if (fd >= 0) {
		attachment_add(ret, fd);
		return NULL;
	}
	if (count == 1)
		return refuse_function(session, members, first, -fd);
	if (!is_about_members(-fd))
		return failed(session, members->probes.items[first], -fd);

	struct error *error = attach_part(session, members, first, half, program_fd, ret);

	if (!error)
		error = attach_part(session, members, first + half, count - half, program_fd, ret);
	return error;
}

static struct error *attach_multi(
	struct session *session, uint32_t link, int program_fd, struct attachment *ret)
{
	const struct manifest_link *its = &session->bundle.manifest.links.items[link];
	_cleanup_(members_deinit) struct members members = {
		.is_return = its->is_return,
		.is_session = its->attach == ATTACH_KPROBE_SESSION,
	};
	const struct manifest_probe *probe;

	attach_for_each_probe (session, link, probe)
		members_add(&members, probe);
	members.functions = members.probes.count / (members.is_session ? 2 : 1);
	members.by_address |= members.functions > MOST_NAMES;
	if (members.by_address)
		find_addresses(session, &members);
	return attach_part(session, &members, 0, members.functions, program_fd, ret);
}

/* --- a perf event per function --- */

static struct error *attach_one(struct session *session, const struct manifest_probe *probe,
	const struct perf_unit *unit, int cpu, int program_fd, struct attachment *ret)
{
	_cleanup_free_ char *name = probe->target && *probe->target
					    ? xasprintf("%s:%s", probe->target, probe->event)
					    : xstrdup(probe->event);
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = unit->type,
		.config = unit->config,
		.kprobe_func = (uintptr_t)name,
		.probe_offset = probe->address,
		.disabled = 1,
	};
	int fd = -1;
	int number = perf_event_attach(&attr, -1, cpu, program_fd, probe->cookie, &fd);
	uint64_t address = number == EADDRNOTAVAIL ? address_of(session, probe) : 0;

	/* The name alone is not enough when a module has such a function, too. */
	if (address) {
		attr.kprobe_func = 0;
		attr.kprobe_addr = address + probe->address;
		number = perf_event_attach(&attr, -1, cpu, program_fd, probe->cookie, &fd);
	}
	if (number)
		return refuse(session, probe, number);
	attachment_add(ret, fd);
	return NULL;
}

static struct error *attach_singles(
	struct session *session, uint32_t link, int program_fd, struct attachment *ret)
{
	bool is_return = session->bundle.manifest.links.items[link].is_return;
	int cpu = perf_event_cpu(session->host);
	const struct manifest_probe *probe;
	struct perf_unit unit;
	struct error *error = perf_event_unit(session->host, PMU, is_return, &unit);

	if (error)
		return error_prefix(error, "this kernel has no kprobes");
	attach_for_each_probe (session, link, probe) {
		error = attach_one(session, probe, &unit, cpu, program_fd, ret);
		if (error)
			return error;
	}
	return NULL;
}

/* A wildcard of which nothing is left was for nothing. */
static struct error *attach(
	struct session *session, uint32_t link, struct bpf_program *program, struct attachment *ret)
{
	int program_fd = bpf_program__fd(program);
	struct error *error = attach_muted(
		session, obstacle_of(session, link), attach_member(session, link)->name);

	ret->slow = true;
	if (!error)
		error = is_multi(session, link) ? attach_multi(session, link, program_fd, ret)
						: attach_singles(session, link, program_fd, ret);
	if (!error && ret->count == 0)
		error = error_new(
			ENOENT, "none of the kernel functions can be probed; -v shows why");
	return error;
}

/* struct bpf_link_info of the kernel's include/uapi/linux/bpf.h, as far as it is about functions of
 * the kernel; older headers lack the counts, which Linux 6.7 brought. */
struct link_info {
	uint32_t type, id, program, padding;
	union {
		struct {
			uint64_t addresses;
			uint32_t count, flags;
			uint64_t missed;
		} multi;
		struct {
			uint32_t type, padding;
			uint64_t name;
			uint32_t name_length, offset;
			uint64_t address, missed;
		} single;
	};
	uint64_t rest[16];
};

static uint64_t overrun(int link_fd)
{
	enum { TYPE_PERF_EVENT = 7, TYPE_KPROBE_MULTI = 8 };
	struct link_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(link_fd, &info, &size) != 0)
		return 0;
	switch (info.type) {
	case TYPE_PERF_EVENT: return info.single.missed;
	case TYPE_KPROBE_MULTI: return info.multi.missed;
	default: return 0;
	}
}

const struct attach_row attach_kprobe = {
	.kind = ATTACH_KPROBE,
	.program_type = BPF_PROG_TYPE_KPROBE,
	.needs = needs,
	.prepare = prepare,
	.overrun = overrun,
	.attach = attach,
};

const struct attach_row attach_kprobe_session = {
	.kind = ATTACH_KPROBE_SESSION,
	.program_type = BPF_PROG_TYPE_KPROBE,
	.needs = needs_session,
	.prepare = kprobe_session_prepare,
	.overrun = overrun,
	.attach = attach,
};

const struct attach_row attach_kprobe_inside = {
	.kind = ATTACH_KPROBE_INSIDE,
	.program_type = BPF_PROG_TYPE_KPROBE,
	.needs = needs_inside,
	.attach = attach,
};
