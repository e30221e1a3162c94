/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A refused member (bisect.h) of a wildcard is skipped and counted, one that was named is an error.
 *
 * Several functions can have one name; then all are meant, by their addresses. The probe is refused
 * if none of them can be probed.
 *
 * A session is a link whose program runs at entry and at return: its second half of members are the
 * returns of the functions of the first half. Source: union bpf_attr, link_create.kprobe_multi, in
 * the kernel's include/uapi/linux/bpf.h.
 */
#include "kprobe_multi.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bisect.h"
#include "libcommon/base/attributes.h"
#include "uapi.h"

struct kprobe_multi {
	const char **names;        /* or */
	const uint64_t *addresses; /* NULL: by name */
	const uint64_t *cookies;
	size_t count;
	bool is_return;
	bool is_session; /* entry and return: its program is of UAPI_TRACE_KPROBE_SESSION */
};

/* The descriptor of the link, or a negative errno value. */
static int create_link(int program_fd, const struct kprobe_multi *multi)
{
	struct uapi_kprobe_multi attr = {
		.program_fd = (uint32_t)program_fd,
		.attach_type =
			multi->is_session ? UAPI_TRACE_KPROBE_SESSION : BPF_TRACE_KPROBE_MULTI,
		.multi_flags = multi->is_return ? BPF_F_KPROBE_MULTI_RETURN : 0,
		.count = (uint32_t)multi->count,
		.names = multi->addresses ? 0 : (uintptr_t)multi->names,
		.addresses = (uintptr_t)multi->addresses,
		.cookies = (uintptr_t)multi->cookies,
	};
	int fd = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));

	return fd < 0 ? -errno : fd;
}

/* Up to so many names the kernel finds sooner than we read all symbols; for more, kernels
 * before 6.2 take seconds. */
enum { MOST_NAMES = 16 };

/* --- one link --- */

/* A function of a member of the link. */
struct place {
	size_t member;
	uint64_t address; /* 0: by name */
};

struct member {
	const struct manifest_probe *probe;
	size_t attached; /* of its places */
	int number;      /* what the kernel refused one with */
};

struct members {
	VEC(struct member) items;
	size_t functions; /* in a session the items are twice as many */
	VEC(struct place) places;
	VEC(const char *) names; /* of the places, for the kernel */
	VEC(uint64_t) addresses;
	VEC(uint64_t) cookies;
	bool by_address;
	bool is_return;
	bool is_session;
};

static void members_deinit(struct members *members)
{
	vec_deinit(&members->items);
	vec_deinit(&members->places);
	vec_deinit(&members->names);
	vec_deinit(&members->addresses);
	vec_deinit(&members->cookies);
}

static void members_add(struct members *members, const struct manifest_probe *probe)
{
	vec_push(&members->items, ((struct member){.probe = probe}));
	members->by_address |= probe->shares_name || (probe->target && *probe->target);
}

static void add_place(struct members *members, size_t member, uint64_t address)
{
	const struct manifest_probe *probe = members->items.items[member].probe;

	vec_push(&members->places, ((struct place){member, address}));
	vec_push(&members->names, probe->event);
	vec_push(&members->addresses, address);
	vec_push(&members->cookies, probe->cookie);
}

static void add_places_by_name(struct members *members)
{
	members->by_address = false;
	for (size_t i = 0; i < members->functions; i++) {
		struct member *member = &members->items.items[i];

		if (member->probe->shares_name)
			member->number = EADDRNOTAVAIL;
		else
			add_place(members, i, 0);
	}
}

/* Those of all names; by name where addresses are hidden. */
static void add_places(struct attachments *attachments, struct members *members)
{
	for (size_t i = 0; i < members->functions && members->by_address; i++) {
		function_addresses addresses = {};
		uint64_t *address;

		kprobe_link_addresses(attachments, members->items.items[i].probe, &addresses);
		if (addresses.count == 0)
			members->items.items[i].number = ENOENT;
		vec_for_each (&addresses, address)
			add_place(members, i, *address);
		vec_deinit(&addresses);
	}
	if (members->places.count == 0)
		add_places_by_name(members);
}

/* The members of a link while they are attached. */
struct attempt {
	struct attachments *attachments;
	struct members *members;
	int program_fd;
};

static int try_to_attach(void *context, size_t first, size_t count)
{
	const struct attempt *attempt = context;
	const struct members *members = attempt->members;
	struct kprobe_multi multi = {
		.names = members->names.items + first,
		.addresses = members->by_address ? members->addresses.items + first : NULL,
		.cookies = members->cookies.items + first,
		.count = count,
		.is_return = members->is_return,
		.is_session = members->is_session,
	};

	return create_link(attempt->program_fd, &multi);
}

static bool is_about_members(int number)
{
	return number == ESRCH || number == ENOENT || number == EINVAL || number == EADDRNOTAVAIL;
}

static struct member *member_at(struct members *members, size_t place)
{
	return &members->items.items[members->places.items[place].member];
}

static void note_attached(void *context, size_t first, size_t count)
{
	const struct attempt *attempt = context;

	for (size_t i = first; i < first + count; i++)
		member_at(attempt->members, i)->attached++;
}

/* It is an error only if no other function of this name is attached: refuse_members. */
static struct error *note_refused(void *context, size_t place, int number)
{
	const struct attempt *attempt = context;

	member_at(attempt->members, place)->number = number;
	return NULL;
}

static struct error *failed(void *context, size_t first, int number)
{
	const struct attempt *attempt = context;

	return kprobe_link_failed(
		attempt->attachments, member_at(attempt->members, first)->probe, number);
}

static struct error *attach_members(struct attachments *attachments, struct members *members,
	int program_fd, struct attachment *ret)
{
	struct attempt attempt = {attachments, members, program_fd};
	const struct bisect bisect = {
		.context = &attempt,
		.create = try_to_attach,
		.is_about_members = is_about_members,
		.attached = note_attached,
		.refused = note_refused,
		.failed = failed,
	};

	return bisect_attach(&bisect, attachments->waiter, members->places.count, ret);
}

/* Those of which no function was attached; a session has two probes for each. */
static struct error *refuse_members(struct attachments *attachments, const struct members *members)
{
	struct error *error = NULL;

	for (size_t i = 0; i < members->items.count && !error; i++) {
		const struct member *member = &members->items.items[i % members->functions];

		if (!member->attached)
			error = kprobe_link_refuse(
				attachments, members->items.items[i].probe, member->number);
	}
	return error;
}

struct error *kprobe_multi_attach(struct attachments *attachments, uint32_t link,
	const struct kprobe_way *way, struct attachment *ret)
{
	enum attach_kind kind = attachments->traced->bundle.manifest.links.items[link].attach;
	_cleanup_(members_deinit) struct members members = {
		.is_return = way->is_return,
		.is_session = kind == ATTACH_KPROBE_SESSION,
	};
	const struct manifest_probe *probe;

	attach_for_each_probe (attachments, link, probe)
		members_add(&members, probe);
	members.functions = members.items.count / (members.is_session ? 2 : 1);
	members.by_address |= members.functions > MOST_NAMES;
	add_places(attachments, &members);
	struct error *error = attach_members(attachments, &members, way->program_fd, ret);

	if (error || way->is_silent || waiter_interrupted(attachments->waiter))
		return error;
	return refuse_members(attachments, &members);
}

/* A kernel that has these links reads the addresses and returns EFAULT; others refuse the link
 * before. */
bool kprobe_multi_works(void)
{
	const struct bpf_insn code[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_KPROBE_MULTI);
	_cleanup_close_ int program_fd =
		bpf_prog_load(BPF_PROG_TYPE_KPROBE, NULL, "GPL", code, ARRAY_SIZE(code), &options);
	struct kprobe_multi multi = {.addresses = (const uint64_t *)1, .count = 1};

	if (program_fd < 0)
		return false;
	int fd = create_link(program_fd, &multi);

	if (fd >= 0)
		close(fd);
	return fd == -EFAULT;
}
