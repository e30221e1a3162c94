/* SPDX-License-Identifier: Apache-2.0 */
#include "modules.h"

#include <libkmod.h>

#include "libcommon/base/alloc.h"
#include "procfs.h"

static void cleanup_kmod(struct kmod_ctx **kmod)
{
	kmod_unref(*kmod);
}

static void cleanup_module(struct kmod_module **module)
{
	kmod_module_unref(*module);
}

static void cleanup_list(struct kmod_list **list)
{
	kmod_module_unref_list(*list);
}

static void say_nothing(void *data _unused_, int priority _unused_, const char *file _unused_,
	int line _unused_, const char *function _unused_, const char *format _unused_,
	va_list args _unused_)
{
}

/* The index of modules below the host's root; libkmod accepts a path only. */
static struct kmod_ctx *open_index(const struct host *host)
{
	_cleanup_str_ struct str release = STR_INIT;
	_cleanup_error_ struct error *error = procfs_release(host, &release);
	const char *no_configuration = NULL;

	if (error)
		return NULL;

	_cleanup_free_ char *directory = host_is_live(host)
						 ? xasprintf("/lib/modules/%s", str_text(&release))
						 : xasprintf("/proc/self/fd/%d/lib/modules/%s",
							   host->root_fd, str_text(&release));
	struct kmod_ctx *kmod = kmod_new(directory, &no_configuration);

	if (kmod)
		kmod_set_log_fn(kmod, say_nothing, NULL);
	return kmod;
}

const char *modules_find(const struct host *host, const char *name, struct arena *arena)
{
	_cleanup_(cleanup_kmod) struct kmod_ctx *kmod = open_index(host);
	_cleanup_(cleanup_list) struct kmod_list *list = NULL;

	if (!kmod || kmod_module_new_from_lookup(kmod, name, &list) < 0 || !list)
		return NULL;

	_cleanup_(cleanup_module) struct kmod_module *module = kmod_module_get_module(list);

	if (kmod_module_get_initstate(module) == KMOD_MODULE_BUILTIN)
		return NULL;
	return arena_strdup(arena, kmod_module_get_name(module));
}

const char *modules_find_symbol(const struct host *host, const char *symbol, struct arena *arena)
{
	_cleanup_free_ char *alias = xasprintf("symbol:%s", symbol);

	return modules_find(host, alias, arena);
}
