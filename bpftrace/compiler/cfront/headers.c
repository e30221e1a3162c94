/* SPDX-License-Identifier: Apache-2.0 */
#include "headers.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "own_headers.h"

static const char *directory_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? arena_strndup(arena, path, (size_t)(slash - path) + 1) : "";
}

/* The paths at which a header that a file includes may be, in the order of the search. */
static void candidates(
	const struct cfront *cfront, const char *name, const char *includer, search_dirs *ret)
{
	struct arena *arena = cfront->c->arena;
	search_dirs named = {};
	const char **directory;

	if (name[0] == '/') {
		vec_push(ret, name);
		return;
	}
	vec_push(ret, arena_join(arena, directory_of(arena, includer), name, NULL));
	vec_push(ret, name);
	search_named(cfront->c, &named);
	vec_for_each (&named, directory)
		vec_push(ret, arena_join(arena, *directory, "/", name, NULL));
	vec_deinit(&named);
	vec_for_each (&cfront->search.kernel, directory)
		vec_push(ret, arena_join(arena, *directory, "/", name, NULL));
}

static struct error *read_header(const struct cfront *cfront, const char *path, struct str *out)
{
	_cleanup_close_ int fd = -1;
	struct error *error = host_open_named(cfront->c->host, path, &fd);
	int number = error ? 0 : str_read(out, fd);

	if (error)
		return error;
	return number ? error_system(number, "%s", path) : NULL;
}

static bool is_added(const struct cfront *cfront, const char *path)
{
	const struct CXUnsavedFile *file;

	vec_for_each (&cfront->files, file) {
		if (strcmp(file->Filename, path) == 0)
			return true;
	}
	return false;
}

static void add_file(struct cfront *cfront, const char *path, const char *text, size_t length)
{
	struct arena *arena = cfront->c->arena;

	vec_push(&cfront->files, ((struct CXUnsavedFile){arena_strdup(arena, path),
					 arena_memdup(arena, text, length + 1), length}));
}

bool headers_open(struct cfront *cfront, const char *path)
{
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_error_ struct error *error = NULL;

	if (is_added(cfront, path))
		return false;
	error = read_header(cfront, path, &text);
	if (!error)
		add_file(cfront, path, str_text(&text), text.length);
	return !error;
}

/* A file in it makes a directory known to the compiler. */
static void add_if_closed(struct cfront *cfront, const char *directory)
{
	const char *path = arena_join(cfront->c->arena, directory, "/" CFRONT_PREFIX "mark", NULL);
	struct stat status;

	if (stat(path, &status) < 0 && errno == EACCES)
		add_file(cfront, path, "", 0);
}

void headers_add_closed(struct cfront *cfront)
{
	search_dirs named = {};
	const char **directory;

	search_named(cfront->c, &named);
	vec_for_each (&named, directory)
		add_if_closed(cfront, *directory);
	vec_deinit(&named);
	vec_for_each (&cfront->search.kernel, directory)
		add_if_closed(cfront, *directory);
}

bool headers_are_closed(const struct cfront *cfront, const char *name, struct str *out)
{
	search_dirs paths = {};
	const char **path;
	bool found = false;

	candidates(cfront, name, cfront->name, &paths);
	vec_for_each (&paths, path) {
		_cleanup_str_ struct str text = STR_INIT;
		_cleanup_error_ struct error *error = read_header(cfront, *path, &text);

		found = error && (error->number == EACCES || error->number == EPERM ||
					 error->number == ENOEXEC);
		if (!found)
			continue;
		str_printf(out,
			"%s is not open to the compiler, which has no privileges; make it "
			"readable for all users, or copy it",
			*path);
		break;
	}
	vec_deinit(&paths);
	return found;
}

bool headers_stand_in(struct cfront *cfront, const char *name)
{
	const char *path = arena_join(cfront->c->arena, OWN_HEADERS "/", name, NULL);

	if (is_added(cfront, path))
		return false;
	add_file(cfront, path, "", 0);
	return true;
}

/* The first file of a search. */
static const char *find_header(const struct cfront *cfront, const char *name, struct stat *ret)
{
	search_dirs paths = {};
	const char **path, *found = NULL;

	candidates(cfront, name, cfront->name, &paths);
	vec_for_each (&paths, path) {
		if (!found && stat(*path, ret) == 0)
			found = *path;
	}
	vec_deinit(&paths);
	return found;
}

bool headers_check(struct cfront *cfront)
{
	const struct c_item *item;
	bool good = true;

	vec_for_each (&cfront->items, item) {
		bool may_include = item->kind == C_INCLUDE || item->kind == C_LINE;
		const char *name =
			may_include ? headers_included(cfront->c->arena, item->text) : NULL;
		struct stat status;
		const char *path = name ? find_header(cfront, name, &status) : NULL;

		if (!path || S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
			continue;
		diag_error(cfront->c->diags, item->span, "%s is no regular file", path);
		good = false;
	}
	return good;
}

struct leaving {
	struct cfront *cfront;
	const char *root;
	const char *found; /* NULL: none */
};

/* The root's own file of that path is another one. */
static bool leads_out(const struct leaving *leaving, const char *path)
{
	_cleanup_close_ int fd = -1;
	_cleanup_error_ struct error *error = NULL;
	struct stat opened, inside;
	size_t length = strlen(leaving->root);

	if (strncmp(path, leaving->root, length) != 0 || stat(path, &opened) < 0)
		return false;
	error = host_open(leaving->cfront->c->host, path + length, O_PATH, &fd);
	return error || fstat(fd, &inside) < 0 || inside.st_ino != opened.st_ino ||
	       inside.st_dev != opened.st_dev;
}

static void visit_included(CXFile file, CXSourceLocation *stack _unused_, unsigned length _unused_,
	CXClientData context)
{
	struct leaving *leaving = context;
	const char *path = unit_file_name(leaving->cfront, file);

	if (!leaving->found && leads_out(leaving, path))
		leaving->found = path;
}

bool headers_check_root(struct cfront *cfront)
{
	struct leaving leaving = {cfront, cfront->c->request->root, NULL};
	const struct span start = {.source = cfront->c->source};

	if (host_is_live(cfront->c->host))
		return true;
	cfront->clang->getInclusions(cfront->unit, visit_included, &leaving);
	if (leaving.found)
		diag_error(cfront->c->diags, start, "the header %s is outside of %s", leaving.found,
			leaving.root);
	return !leaving.found;
}

bool headers_is_kernel_name(const char *name)
{
	static const char *const directories[] = {"linux/", "net/", "asm/", "asm-generic/", "uapi/",
		"trace/", "crypto/", "scsi/", "sound/", "drm/", "rdma/", "media/", "acpi/",
		"generated/", "vdso/", "kvm/", "xen/", "soc/", "video/", "target/", "ras/",
		"pcmcia/", "memory/", "misc/", "math-emu/", "keys/", "dt-bindings/",
		"clocksource/"};

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		if (strncmp(name, directories[i], strlen(directories[i])) == 0)
			return true;
	}
	return false;
}

const char *headers_included(struct arena *arena, const char *line)
{
	static const char word[] = "include";
	const char *at = line + strspn(line, "# \t"), *end;

	if (strncmp(at, word, strlen(word)) != 0)
		return NULL;
	at += strlen(word);
	at += strspn(at, " \t");
	if (*at != '<' && *at != '"')
		return NULL;
	end = strchr(at + 1, *at == '<' ? '>' : '"');
	return end ? arena_strndup(arena, at + 1, (size_t)(end - at) - 1) : NULL;
}
