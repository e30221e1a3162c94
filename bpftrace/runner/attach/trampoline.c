/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel has an object of types (BTF) for itself and one for each module. A
 * module's is found by its name and stays open until the run ends. Source:
 * struct bpf_btf_info of the kernel's include/uapi/linux/bpf.h.
 */
#include "trampoline.h"

#include <errno.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/host/kbtf.h"

struct module {
	const char *name;
	int fd; /* -1: the kernel has no types of it, or does not show them */
};

struct trampolines {
	struct kbtf_function *functions; /* one per link; no name for links of other kinds */
	VEC(struct module) modules;
};

void trampolines_free(struct trampolines *trampolines)
{
	struct module *module;

	if (!trampolines)
		return;
	vec_for_each (&trampolines->modules, module)
		cleanup_close(&module->fd);
	vec_deinit(&trampolines->modules);
	free(trampolines->functions);
	free(trampolines);
}

static bool is_trampoline(enum attach_kind kind)
{
	return kind == ATTACH_FENTRY || kind == ATTACH_FEXIT;
}

static struct error *find_all(struct attachments *attachments)
{
	const struct manifest *manifest = &attachments->traced->bundle.manifest;
	struct trampolines *trampolines = xcalloc(1, sizeof(*trampolines));
	struct kbtf *kbtf = kbtf_new(attachments->host, NULL);
	const struct manifest_probe *probe;

	attachments->trampolines = trampolines;
	trampolines->functions =
		xcalloc(manifest->links.count + 1, sizeof(*trampolines->functions));
	for (size_t i = 0; i < manifest->links.count; i++)
		trampolines->functions[i] = (struct kbtf_function){"", "", 0};
	vec_for_each (&manifest->probes, probe) {
		if (is_trampoline(manifest->links.items[probe->link].attach))
			trampolines->functions[probe->link] = (struct kbtf_function){
				.module = probe->target ? probe->target : "",
				.name = probe->event,
			};
	}
	struct error *error = kbtf_functions(kbtf, trampolines->functions, manifest->links.count);

	kbtf_free(kbtf);
	return error;
}

/* Whether a descriptor is that of the module's types. */
static bool is_of_module(int fd, const char *module)
{
	char name[64] = "";
	struct bpf_btf_info info = {.name = (uintptr_t)name, .name_len = sizeof(name)};
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && info.kernel_btf &&
	       strcmp(name, module) == 0;
}

static int open_module(const char *module)
{
	uint32_t id = 0;

	while (bpf_btf_get_next_id(id, &id) == 0) {
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd >= 0 && is_of_module(fd, module))
			return fd;
		cleanup_close(&fd);
	}
	return -1;
}

static int module_fd(struct trampolines *trampolines, const char *name)
{
	const struct module *module;

	vec_for_each (&trampolines->modules, module) {
		if (strcmp(module->name, name) == 0)
			return module->fd;
	}
	vec_push(&trampolines->modules, ((struct module){.name = name, .fd = open_module(name)}));
	return vec_last(&trampolines->modules)->fd;
}

struct error *trampolines_find(struct attachments *attachments, uint32_t link, uint32_t *ret_id)
{
	struct error *error = attachments->trampolines ? NULL : find_all(attachments);

	if (error)
		return error;

	const struct kbtf_function *function = &attachments->trampolines->functions[link];

	if (function->id && *function->module &&
		module_fd(attachments->trampolines, function->module) < 0)
		return error_new(EPERM,
			"the types of the module %s are shown to root only; run it as root (sudo)",
			function->module);
	*ret_id = function->id;
	return NULL;
}

uint32_t trampolines_words(const struct attachments *attachments, uint32_t link)
{
	const struct kbtf_function *function =
		attachments->trampolines ? &attachments->trampolines->functions[link] : NULL;
	struct kbtf *kbtf = kbtf_new(attachments->host, NULL);
	const struct btf *btf = NULL;
	uint32_t words = 0;

	if (function && function->id)
		error_free(kbtf_module(kbtf, function->module, &btf));
	if (btf)
		words = kbtf_argument_words(btf, function->id);
	kbtf_free(kbtf);
	return words;
}

int trampolines_prepare_load(
	struct bpf_program *program, struct bpf_prog_load_opts *options, long cookie)
{
	const struct attachments *of = (const struct attachments *)(uintptr_t)cookie;
	const struct manifest *manifest = &of->traced->bundle.manifest;

	for (size_t i = 0; of->trampolines && i < manifest->links.count; i++) {
		const struct kbtf_function *function = &of->trampolines->functions[i];

		if (!is_trampoline(manifest->links.items[i].attach) ||
			strcmp(manifest->links.items[i].program, bpf_program__name(program)) != 0)
			continue;

		options->attach_btf_id = function->id;
		if (*function->module)
			options->attach_btf_obj_fd =
				(uint32_t)module_fd(of->trampolines, function->module);
		return 0;
	}
	return -EINVAL;
}
