/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories that the user names are of this machine; all others are below the root of the
 * machine that is traced. The kernel's flags are those of its Makefile (LINUXINCLUDE).
 */
#include "search.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libcommon/host/arch.h"
#include "libcommon/host/procfs.h"
#include "own_headers.h"
#include "version_header.h"

enum { LINKS_MAX = 8 };

/* --- the kernel's directories --- */

static const char *root_of(const struct compilation *c)
{
	return host_is_live(c->host) ? "" : c->request->root;
}

/* A path below the root, as this process opens it, with the link at its end resolved there. */
static const char *below_root(const struct compilation *c, const char *path)
{
	const char *root = root_of(c);

	for (int links = 0; *root && links < LINKS_MAX; links++) {
		char target[PATH_MAX];
		const char *whole = arena_printf(c->arena, "%s%s", root, path);
		ssize_t length = readlink(whole, target, sizeof(target) - 1);

		if (length < 0 || target[0] != '/')
			return whole;
		path = arena_strndup(c->arena, target, (size_t)length);
	}
	return arena_printf(c->arena, "%s%s", root, path);
}

/* NULL when it does not exist. */
static const char *find_below_root(const struct compilation *c, const char *path)
{
	return host_exists(c->host, path) ? below_root(c, path) : NULL;
}

static void find_installed(struct compilation *c, struct c_search *search)
{
	_cleanup_str_ struct str release = STR_INIT;
	_cleanup_error_ struct error *error = procfs_release(c->host, &release);

	if (error)
		return;
	search->build = find_below_root(
		c, arena_printf(c->arena, "/lib/modules/%s/build", str_text(&release)));
	search->source = find_below_root(
		c, arena_printf(c->arena, "/lib/modules/%s/source", str_text(&release)));
	if (!search->source)
		search->source = search->build;
}

static void add_kernel(
	struct compilation *c, struct c_search *search, const char *directory, const char *format)
{
	const char *arch = host_arch(c->host)->kernel;
	const char *below = arena_printf(c->arena, format, arch);

	vec_push(&search->kernel, arena_printf(c->arena, "%s/%s", directory, below));
}

void search_init(struct compilation *c, struct c_search *search)
{
	static const struct {
		bool is_build;
		const char *format;
	} directories[] = {
		{false, "arch/%s/include"},
		{true, "arch/%s/include/generated"},
		{false, "include"},
		{true, "include"},
		{false, "arch/%s/include/uapi"},
		{true, "arch/%s/include/generated/uapi"},
		{false, "include/uapi"},
		{true, "include/generated/uapi"},
	};
	const struct settings *settings = &c->settings;

	if (*settings->kernel_source) {
		search->source = settings->kernel_source;
		search->build = *settings->kernel_build ? settings->kernel_build : search->source;
	} else {
		find_installed(c, search);
	}
	if (!search->build)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		add_kernel(c, search, directories[i].is_build ? search->build : search->source,
			directories[i].format);
}

void search_deinit(struct c_search *search)
{
	vec_deinit(&search->options);
	vec_deinit(&search->kernel);
}

/* In a directory that is closed to this process there may be such a file. */
static bool is_there(const struct compilation *c, const char *directory, const char *name)
{
	const char *path = arena_printf(c->arena, "%s/%s", directory, name);

	return access(path, F_OK) == 0 || errno == EACCES;
}

bool search_kernel_has(const struct compilation *c, const struct c_search *search, const char *name)
{
	const char **directory;

	vec_for_each (&search->kernel, directory) {
		if (is_there(c, *directory, name))
			return true;
	}
	return false;
}

bool search_has(const struct compilation *c, const struct c_search *search, const char *name)
{
	for (size_t i = 0; i + 1 < search->options.count; i++) {
		const char *option = search->options.items[i];
		bool is_directory = strcmp(option, "-I") == 0 || strcmp(option, "-isystem") == 0;

		if (is_directory && is_there(c, search->options.items[i + 1], name))
			return true;
	}
	return false;
}

bool search_is_kernel(const struct compilation *c, const struct c_search *search, const char *path)
{
	static const char *const interfaces[] = {"/usr/include/linux/", "/usr/include/asm/",
		"/usr/include/asm-generic/", "/usr/include/%s/asm/"};
	const char **directory;

	vec_for_each (&search->kernel, directory) {
		if (strncmp(path, *directory, strlen(*directory)) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(interfaces); i++) {
		const char *below =
			arena_printf(c->arena, interfaces[i], host_arch(c->host)->triple);
		const char *interface = arena_printf(c->arena, "%s%s", root_of(c), below);

		if (strncmp(path, interface, strlen(interface)) == 0)
			return true;
	}
	return false;
}

void search_explain_kernel(
	const struct compilation *c, const struct c_search *search, struct str *out)
{
	_cleanup_str_ struct str release = STR_INIT;
	_cleanup_error_ struct error *error = NULL;

	if (*c->settings.kernel_source) {
		str_printf(out, "headers of the kernel were searched in %s", search->source);
		if (search->build != search->source)
			str_printf(out, " and %s", search->build);
	} else {
		error = procfs_release(c->host, &release);
		str_printf(out,
			"headers of the kernel were searched in /lib/modules/%s/build and "
			"/lib/modules/%s/source",
			str_text(&release), str_text(&release));
	}
	str_append(out, "; the variables BPFTRACE_KERNEL_SOURCE and BPFTRACE_KERNEL_BUILD name "
			"other directories");
}

/* --- options --- */

static void add(struct c_search *search, const char *option)
{
	vec_push(&search->options, option);
}

static void add_two(struct c_search *search, const char *option, const char *value)
{
	add(search, option);
	add(search, value);
}

/* A list as in PATH; an empty element is the working directory. */
static void add_list(const struct compilation *c, const char *list, search_dirs *ret)
{
	while (list) {
		size_t length = strcspn(list, ":");

		vec_push(ret, length ? arena_strndup(c->arena, list, length) : ".");
		list = list[length] ? list + length + 1 : NULL;
	}
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

static void named_first(const struct compilation *c, search_dirs *ret)
{
	const char **directory;

	vec_for_each (&c->request->include_dirs, directory)
		vec_push(ret, *directory);
	add_list(c, variable("CPATH"), ret);
}

void search_named(const struct compilation *c, search_dirs *ret)
{
	named_first(c, ret);
	add_list(c, variable("C_INCLUDE_PATH"), ret);
}

static void add_kernel_options(struct compilation *c, struct c_search *search)
{
	static const char *const definitions[] = {"-D__KERNEL__", "-D__BPF_TRACING__",
		"-D__HAVE_BUILTIN_BSWAP16__", "-D__HAVE_BUILTIN_BSWAP32__",
		"-D__HAVE_BUILTIN_BSWAP64__", "-DKBUILD_MODNAME=\"bpftrace\"", "-DCC_USING_FENTRY",
		"-fms-extensions", "-fshort-wchar"};
	const char **directory;

	vec_for_each (&search->kernel, directory)
		add_two(search, "-I", *directory);
	for (size_t i = 0; i < ARRAY_SIZE(definitions); i++)
		add(search, definitions[i]);
	add(search, arena_printf(c->arena, "-D__TARGET_ARCH_%s", host_arch(c->host)->kernel));
	add_two(search, "-include",
		arena_printf(c->arena, "%s/include/linux/kconfig.h", search->source));
}

static void add_system(struct compilation *c, struct c_search *search)
{
	static const char *const directories[] = {
		"/usr/local/include", "/usr/include/%s", "/usr/include"};
	search_dirs named = {};
	const char **directory;

	add_list(c, variable("C_INCLUDE_PATH"), &named);
	vec_for_each (&named, directory)
		add_two(search, "-isystem", *directory);
	vec_deinit(&named);
	add_two(search, "-isystem", VERSION_HEADERS);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		add_two(search, "-isystem",
			below_root(c, arena_printf(c->arena, directories[i],
					      host_arch(c->host)->triple)));
	add_two(search, "-isystem", OWN_HEADERS);
}

void search_options(struct compilation *c, struct c_search *search, bool uses_kernel)
{
	static const char *const common[] = {"-xc", "-std=gnu11", "-nostdinc", "-ferror-limit=1000",
		"-Wno-everything", "-Wmacro-redefined", "-W#warnings"};
	search_dirs named = {};
	const char **directory;

	search->uses_kernel = uses_kernel;
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		add(search, common[i]);
	add_two(search, "-target", host_arch(c->host)->triple);
	if (kbtf_has_name(c->kbtf, "task_struct"))
		add(search, "-DBPFTRACE_HAVE_BTF");
	add_two(search, "-iquote", ".");
	named_first(c, &named);
	vec_for_each (&named, directory)
		add_two(search, "-I", *directory);
	vec_deinit(&named);
	if (uses_kernel)
		add_kernel_options(c, search);
	add_system(c, search);
}
