/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the kernel: one link for all members where the kernel has such links
 * (kprobe_multi.c), else a perf event per function. Which of the two must be known before load,
 * since it is the program's expected attach type. A place inside of a function always has a perf
 * event.
 */
#include "attach.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "kprobe_link.h"
#include "kprobe_missed.h"
#include "kprobe_multi.h"
#include "kprobe_session.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/host/feature.h"
#include "libcommon/host/functions.h"
#include "libcommon/host/kbtf.h"
#include "perf_event.h"
#include "uapi.h"

#define PMU "/sys/bus/event_source/devices/kprobe/"

/* Kernels before 6.7 let a multi link override any function, also those that cannot bear it. */
static bool may_be_multi(const struct attachments *attachments)
{
	return !(attachments->disabled_features & FEATURE_BIT(FEATURE_KPROBE_MULTI)) &&
	       !bundle_calls(&attachments->traced->bundle, BPF_FUNC_override_return) &&
	       kprobe_multi_works();
}

static struct error *prepare(
	struct attachments *attachments, uint32_t link _unused_, struct bpf_program *program)
{
	if (attachments->kprobes == KPROBES_UNKNOWN)
		attachments->kprobes = may_be_multi(attachments) ? KPROBES_MULTI : KPROBES_SINGLE;
	if (attachments->kprobes == KPROBES_MULTI)
		bpf_program__set_expected_attach_type(program, BPF_TRACE_KPROBE_MULTI);
	return NULL;
}

/* Kernels before 6.2 find functions of modules by address only, perf events those that share their
 * name; addresses are secret. */
static capability_set needs(const struct attachments *attachments)
{
	return CAPABILITY(CAP_SYSLOG) |
	       (attachments->kprobes == KPROBES_SINGLE ? perf_event_needs(attachments) : 0);
}

static capability_set needs_session(const struct attachments *attachments _unused_)
{
	return CAPABILITY(CAP_SYSLOG);
}

static capability_set needs_inside(const struct attachments *attachments)
{
	return CAPABILITY(CAP_SYSLOG) | perf_event_needs(attachments);
}

/* --- a perf event per function --- */

/* What the events of a link have in common. */
struct singles {
	struct perf_unit unit;
	int cpu;
	int program_fd;
	struct attachment *attachment;
};

/* name NULL: the offset is an address. */
static int attach_event(const struct singles *singles, const struct manifest_probe *probe,
	const char *name, uint64_t offset)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = singles->unit.type,
		.config = singles->unit.config,
		.kprobe_func = (uintptr_t)name,
		.probe_offset = offset,
		.disabled = 1,
	};
	int fd = -1;
	int number =
		perf_event_attach(&attr, -1, singles->cpu, singles->program_fd, probe->cookie, &fd);

	if (!number)
		attachment_add(singles->attachment, fd);
	return number;
}

/* Returns the errno value of the last one if no function of the name could be attached. */
static int attach_addresses(struct attachments *attachments, const struct singles *singles,
	const struct manifest_probe *probe)
{
	function_addresses addresses = {};
	size_t before = singles->attachment->count;
	int number = EADDRNOTAVAIL;
	uint64_t *address;

	kprobe_link_addresses(attachments, probe, &addresses);
	vec_for_each (&addresses, address)
		number = attach_event(singles, probe, NULL, *address + probe->address);
	vec_deinit(&addresses);
	return singles->attachment->count > before ? 0 : number;
}

/* The name alone is not enough when a module has such a function, too. */
static int attach_name_of(struct attachments *attachments, const struct singles *singles,
	const struct manifest_probe *probe)
{
	_cleanup_free_ char *name = probe->target && *probe->target
					    ? xasprintf("%s:%s", probe->target, probe->event)
					    : xstrdup(probe->event);
	int number = attach_event(singles, probe, name, probe->address);

	return number == EADDRNOTAVAIL ? attach_addresses(attachments, singles, probe) : number;
}

static int attach_one(struct attachments *attachments, const struct singles *singles,
	const struct manifest_probe *probe)
{
	if (kprobe_link_is_by_address(attachments, probe->link))
		return attach_event(singles, probe, NULL, probe->address);
	if (probe->shares_name)
		return attach_addresses(attachments, singles, probe);
	return attach_name_of(attachments, singles, probe);
}

/* Refuses a place behind the function's end, which the kernel accepts. */
static struct error *check_inside(
	struct attachments *attachments, const struct manifest_probe *probe)
{
	function_addresses addresses = {};
	uint64_t size;

	kprobe_link_addresses(attachments, probe, &addresses);
	size = addresses.count ? functions_size(attach_functions(attachments), addresses.items[0])
			       : 0;
	vec_deinit(&addresses);
	if (!size || probe->address < size)
		return NULL;
	return error_new(EINVAL,
		"cannot attach %s: offset %llu is outside of the function %s, which has %llu bytes",
		probe->name, (unsigned long long)probe->address, probe->event,
		(unsigned long long)size);
}

static struct error *attach_single(struct attachments *attachments, const struct singles *singles,
	const struct manifest_probe *probe, const struct kprobe_way *way)
{
	struct error *error = NULL;
	int number;

	if (attachments->traced->bundle.manifest.links.items[probe->link].attach ==
		ATTACH_KPROBE_INSIDE)
		error = check_inside(attachments, probe);
	if (error)
		return error;
	number = attach_one(attachments, singles, probe);
	return number && !way->is_silent ? kprobe_link_refuse(attachments, probe, number) : NULL;
}

static struct error *attach_singles(struct attachments *attachments, uint32_t link,
	const struct kprobe_way *way, struct attachment *ret)
{
	struct singles singles = {
		.cpu = perf_event_cpu(attachments->host),
		.program_fd = way->program_fd,
		.attachment = ret,
	};
	const struct manifest_probe *probe;
	struct error *error =
		perf_event_unit(attachments->host, PMU, way->is_return, &singles.unit);

	if (error)
		return error_prefix(error, "this kernel has no kprobes");
	attach_for_each_probe (attachments, link, probe) {
		if (error || waiter_interrupted(attachments->waiter))
			break;
		error = attach_single(attachments, &singles, probe, way);
	}
	return error;
}

static struct error *attach_way(struct attachments *attachments, uint32_t link,
	const struct kprobe_way *way, struct attachment *ret)
{
	return kprobe_link_is_multi(attachments, link)
		       ? kprobe_multi_attach(attachments, link, way, ret)
		       : attach_singles(attachments, link, way, ret);
}

/* --- returns that are missed --- */

/* Perf events are attached one by one, which is slow. */
enum { MOST_COUNTED = 64 };

/* Whether no more than that are counted together with those of this link. */
static bool are_few(struct attachments *attachments, uint32_t link)
{
	const struct manifest_probe *probe;

	attach_for_each_probe (attachments, link, probe)
		attachments->counted_returns++;
	return attachments->counted_returns <= MOST_COUNTED;
}

/* Where the links do not report it, before the returns are attached. */
static bool attach_counter(struct attachments *attachments, uint32_t link, struct attachment *ret)
{
	bool multi = kprobe_link_is_multi(attachments, link);
	_cleanup_(kprobe_missed_deinit) struct kprobe_missed missed = {-1, -1};

	if ((!multi && !are_few(attachments, link)) ||
		!kprobe_missed_load(attachments, multi, &missed))
		return false;

	struct kprobe_way way = {.program_fd = missed.program_fd, .is_silent = true};
	_cleanup_error_ struct error *error = attach_way(attachments, link, &way, ret);

	if (error || ret->count == 0)
		return false;
	ret->missed_fd = TAKE_FD(missed.map_fd);
	attachment_add(ret, ret->missed_fd);
	return true;
}

static void count_missed(struct attachments *attachments, uint32_t link, struct attachment *ret)
{
	if (attachments->missed_returns == MISSED_RETURNS_UNKNOWN)
		attachments->missed_returns = kprobe_missed_is_reported(attachments)
						      ? MISSED_RETURNS_REPORTED
						      : MISSED_RETURNS_COUNTED;
	if (attachments->missed_returns != MISSED_RETURNS_COUNTED ||
		attach_counter(attachments, link, ret))
		return;
	attachments->missed_returns = MISSED_RETURNS_GIVEN_UP;
	log_warning("%s: this kernel does not report returns that it misses when many calls run at "
		    "a time, so there may have been more",
		attach_member(attachments, link)->name);
}

/* Fails if no function of the wildcard can be attached. */
static struct error *attach(struct attachments *attachments, uint32_t link,
	struct bpf_program *program, struct attachment *ret)
{
	struct kprobe_way way = {
		.program_fd = bpf_program__fd(program),
		.is_return = attachments->traced->bundle.manifest.links.items[link].is_return,
	};
	struct error *error = attach_check_silent(attachments,
		kprobe_link_obstacle(attachments, link), attach_member(attachments, link)->name);

	ret->slow = true;
	if (error)
		return error;
	if (way.is_return)
		count_missed(attachments, link, ret);

	size_t before = ret->count;

	error = attach_way(attachments, link, &way, ret);
	if (!error && ret->count == before && !waiter_interrupted(attachments->waiter))
		error = error_new(
			ENOENT, "none of the kernel functions can be probed; -v shows why");
	if (!error && ret->missed_fd >= 0)
		kprobe_missed_start(ret->missed_fd);
	return error;
}

/* --- the order of several programs --- */

/* The kernel keeps the returns of a call on a stack, so that the last entry is the first return;
 * those of multi links since Linux 6.14 in a list for each function, which the struct shows. */
static enum returns order_of_returns(const struct attachments *attachments)
{
	if (attachments->kprobes != KPROBES_MULTI)
		return RETURNS_FIRST_FIRST;

	struct kbtf *kbtf = kbtf_new(attachments->host, NULL);
	bool has_lists = kbtf_has_name(kbtf, "fprobe_hlist");

	kbtf_free(kbtf);
	return has_lists ? RETURNS_LAST_FIRST : RETURNS_FIRST_FIRST;
}

static bool runs_last_first(struct attachments *attachments, uint32_t link)
{
	if (!attachments->traced->bundle.manifest.links.items[link].is_return)
		return true;
	if (attachments->returns == RETURNS_UNKNOWN)
		attachments->returns = order_of_returns(attachments);
	return attachments->returns == RETURNS_LAST_FIRST;
}

static uint64_t count_missed_returns(int link_fd)
{
	struct uapi_link_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(link_fd, &info, &size) != 0)
		return 0;
	switch (info.type) {
	case UAPI_LINK_PERF_EVENT: return info.single.missed;
	case UAPI_LINK_KPROBE_MULTI: return info.multi.missed;
	default: return 0;
	}
}

const struct attach_ops attach_kprobe = {
	.program_type = BPF_PROG_TYPE_KPROBE,
	.needs = needs,
	.prepare = prepare,
	.runs_last_first = runs_last_first,
	.count_missed = count_missed_returns,
	.attach = attach,
};

const struct attach_ops attach_kprobe_session = {
	.program_type = BPF_PROG_TYPE_KPROBE,
	.needs = needs_session,
	.prepare = kprobe_session_prepare,
	.count_missed = count_missed_returns,
	.attach = attach,
};

const struct attach_ops attach_kprobe_address = {
	.program_type = BPF_PROG_TYPE_KPROBE,
	.needs = needs_inside,
	.runs_last_first = attach_last_first,
	.count_missed = count_missed_returns,
	.attach = attach,
};

const struct attach_ops attach_kprobe_inside = {
	.program_type = BPF_PROG_TYPE_KPROBE,
	.needs = needs_inside,
	.runs_last_first = attach_last_first,
	.attach = attach,
};
