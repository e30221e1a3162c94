/* SPDX-License-Identifier: Apache-2.0 */
#include "kprobe_link.h"

#include <errno.h>

#define INJECTABLE "/sys/kernel/debug/error_injection/list"

bool kprobe_link_is_multi(const struct attachments *attachments, uint32_t link)
{
	enum attach_kind attach = attachments->traced->bundle.manifest.links.items[link].attach;

	return attach == ATTACH_KPROBE_SESSION ||
	       (attach == ATTACH_KPROBE && attachments->kprobes == KPROBES_MULTI);
}

bool kprobe_link_is_by_address(const struct attachments *attachments, uint32_t link)
{
	return attachments->traced->bundle.manifest.links.items[link].attach ==
	       ATTACH_KPROBE_ADDRESS;
}

enum obstacle kprobe_link_obstacle(const struct attachments *attachments, uint32_t link)
{
	if (attachments->traced->bundle.manifest.links.items[link].attach == ATTACH_KPROBE_INSIDE ||
		kprobe_link_is_by_address(attachments, link))
		return OBSTACLE_KPROBE_INSIDE;
	return kprobe_link_is_multi(attachments, link) ? OBSTACLE_KPROBE_MULTI : OBSTACLE_KPROBE;
}

/* A function of a module may only have its address for a name. */
static struct error *failed_to_find(
	const struct attachments *attachments, const struct manifest_probe *probe, int number)
{
	_cleanup_str_ struct str cause = STR_INIT;

	if (!probe->target || !*probe->target ||
		!obstacle_find(attachments->host, OBSTACLE_ADDRESS, number, &cause))
		str_append(&cause, "the kernel has no such function");
	return error_new(number, "cannot attach %s: %s", probe->name, str_text(&cause));
}

/* Functions that share a name are attached by their addresses. */
static struct error *failed_to_choose(
	const struct attachments *attachments, const struct manifest_probe *probe, int number)
{
	_cleanup_str_ struct str cause = STR_INIT;

	if (!obstacle_find(attachments->host, OBSTACLE_ADDRESS, number, &cause))
		str_append(&cause, "their addresses are not known");
	return error_new(number,
		"cannot attach %s: the kernel has several functions of this name, and %s",
		probe->name, str_text(&cause));
}

/* Some kernels return a part of the address in place of an errno value. */
static bool is_about_place(int number)
{
	return number != EPERM && number != EACCES && number != EMFILE && number != ENOMEM;
}

static struct error *failed_at_address(const struct manifest_probe *probe, int number)
{
	return error_new(number,
		"cannot attach %s: no instruction of the kernel that can be probed begins at this "
		"address",
		probe->name);
}

struct error *kprobe_link_failed(
	const struct attachments *attachments, const struct manifest_probe *probe, int number)
{
	if (kprobe_link_is_by_address(attachments, probe->link) && is_about_place(number))
		return failed_at_address(probe, number);
	if (number == EINVAL && attach_overrides(attachments, probe->link))
		return error_new(number,
			"cannot override %s: the kernel does not let it fail; " INJECTABLE
			" lists the functions that may",
			probe->name);
	switch (number) {
	case EADDRNOTAVAIL: return failed_to_choose(attachments, probe, number);
	case EILSEQ:
		return error_new(number, "Could not add kprobe into middle of instruction: %s+%llu",
			probe->event, (unsigned long long)probe->address);
	case ENODEV:
		return error_new(number,
			"cannot attach %s: the kernel gave up tracing functions after a failure of "
			"its own (see dmesg); reboot",
			probe->name);
	case ENOENT:
	case ESRCH: return failed_to_find(attachments, probe, number);
	default:
		return attach_failed(attachments, kprobe_link_obstacle(attachments, probe->link),
			probe->name, number);
	}
}

struct error *kprobe_link_refuse(
	struct attachments *attachments, const struct manifest_probe *probe, int number)
{
	return attach_skip_optional(
		attachments, probe, kprobe_link_failed(attachments, probe, number));
}

void kprobe_link_addresses(struct attachments *attachments, const struct manifest_probe *probe,
	function_addresses *ret)
{
	functions_addresses(attach_functions(attachments), probe->target ? probe->target : "",
		probe->event, ret);
}
