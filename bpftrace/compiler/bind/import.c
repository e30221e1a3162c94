/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import "path": the definitions and probes of another script stand before those of the script that
 * imports it, each file once. A path is relative to the directory of the importing file, for a
 * program of the command line to the working directory; of a directory all files *.bt are imported.
 * What others could have written is refused: a script can do what its user may. Headers of C are
 * included by cfront/.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "bind.h"
#include "bpftrace/compiler/ast/parse.h"
#include "bpftrace/door/source.h"

enum {
	FILES_MAX = 1000,
};

struct file_id {
	dev_t device;
	ino_t inode;
};

struct importer {
	struct compilation *c;
	VEC(struct file_id) files; /* read already */
};

/* What is imported, in order. */
struct imported {
	struct node *definitions, **definition_tail;
	struct node *probes, **probe_tail;
};

static void import_list(struct importer *importer, const struct program *program, const char *name,
	struct imported *out);

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), other = strlen(end);

	return length > other && strcmp(text + length - other, end) == 0;
}

static void append(struct node ***tail, struct node *list)
{
	**tail = list;
	while (**tail)
		*tail = &(**tail)->next;
}

/* --- what may be imported --- */

/* Anybody may write there; in a sticky directory as /tmp only their own files. */
static bool is_open_to_all(const struct stat *status)
{
	bool is_sticky = S_ISDIR(status->st_mode) && status->st_mode & S_ISVTX;

	return status->st_mode & S_IWOTH && !is_sticky;
}

static const char *directory_of(const struct compilation *c, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/" : arena_strndup(c->arena, path, (size_t)(slash - path));
}

static bool check_writers(
	struct importer *importer, const struct import *import, const char *path, int fd)
{
	struct diags *diags = importer->c->diags;
	const char *directory = directory_of(importer->c, path);
	struct stat status;

	if (fstat(fd, &status) == 0 && is_open_to_all(&status)) {
		diag_error(diags, import->node.span, "every user may write to %s", path);
		diag_hint(diags, "chmod o-w %s", path);
		return false;
	}
	if (stat(directory, &status) == 0 && is_open_to_all(&status)) {
		diag_error(diags, import->node.span, "every user may put files into %s", directory);
		diag_hint(diags, "chmod o-w %s", directory);
		return false;
	}
	return true;
}

/* Whether the file was imported before; notes it. */
static bool is_known(struct importer *importer, int fd)
{
	const struct file_id *file;
	struct stat status;

	if (fstat(fd, &status) < 0)
		return false;
	vec_for_each (&importer->files, file) {
		if (file->device == status.st_dev && file->inode == status.st_ino)
			return true;
	}
	vec_push(&importer->files, ((struct file_id){status.st_dev, status.st_ino}));
	return false;
}

/* --- a file --- */

static void refuse_definitions(struct compilation *c, const struct program *program)
{
	struct node *node;

	node_for_each (program->definitions, node) {
		if (node->kind == NODE_CONFIG)
			diag_error(c->diags, node->span, "an imported file cannot set config");
		if (node->kind == NODE_C_TEXT && node_c_text(node)->text[0] == '#')
			diag_error(c->diags, node->span,
				"an imported file cannot have preprocessor lines");
	}
}

static uint32_t add_source(
	struct importer *importer, const struct import *import, const char *path, struct str *text)
{
	struct compilation *c = importer->c;
	const char *copy = arena_memdup(c->arena, str_text(text), text->length + 1);
	uint32_t number = diags_add_source(c->diags, path, copy, text->length);
	struct source *source = &c->diags->sources.items[number];

	source->parent = import->node.span;
	source->has_parent = source->is_included = true;
	return number;
}

static void import_text(struct importer *importer, const struct import *import, const char *path,
	struct str *text, struct imported *out)
{
	struct compilation *c = importer->c;
	struct program *program =
		parse(c->arena, c->diags, add_source(importer, import, path, text));

	import_list(importer, program, path, out);
	refuse_definitions(c, program);
	append(&out->definition_tail, program->definitions);
	append(&out->probe_tail, program->probes);
}

static void import_file(struct importer *importer, const struct import *import, const char *path,
	int fd, struct imported *out)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct error *error = NULL;

	if (!check_writers(importer, import, path, fd) || is_known(importer, fd))
		return;
	if (importer->files.count > FILES_MAX)
		error = error_new(E2BIG, "more than %d files are imported", FILES_MAX);
	else
		error = source_read(fd, path, &text);
	if (error)
		diag_error(importer->c->diags, import->node.span, "%s", error->message);
	else
		import_text(importer, import, path, &text, out);
	error_free(error);
}

/* --- a directory --- */

static void import_directory(struct importer *importer, const struct import *import,
	const char *path, struct imported *out)
{
	struct compilation *c = importer->c;
	host_names names = {};
	struct error *error = host_read_named_dir(c->host, path, c->arena, &names);

	for (size_t i = 0; i < names.count && !error; i++) {
		const char *file = arena_printf(c->arena, "%s/%s", path, names.items[i]);
		_cleanup_close_ int fd = -1;

		if (!ends_with(file, ".bt"))
			continue;
		error = host_open_named(c->host, file, &fd);
		if (!error)
			import_file(importer, import, file, fd, out);
	}
	if (error)
		diag_error(c->diags, import->node.span, "%s", error->message);
	error_free(error);
	vec_deinit(&names);
}

/* --- an import --- */

/* What later versions of bpftrace have in files is built in here. */
static bool is_built_in(const char *path)
{
	return strcmp(path, "stdlib") == 0 || strncmp(path, "stdlib/", strlen("stdlib/")) == 0;
}

static void report_missing(struct importer *importer, const struct import *import, const char *path,
	const char *name, const struct error *error)
{
	struct diags *diags = importer->c->diags;

	if (error->number != ENOENT && error->number != ENOTDIR) {
		diag_error(diags, import->node.span, "%s", error->message);
		if (error->number == ENOEXEC || error->number == EACCES)
			diag_hint(diags, "of files that only others may read, those named *.bt are "
					 "imported");
		return;
	}
	diag_error(diags, import->node.span, "there is no file %s", path);
	if (*import->path != '/')
		diag_hint(diags,
			"a path is relative to the directory of the importing file, here %s",
			directory_of(importer->c, name));
}

static bool is_directory(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

/* What cannot be a script: true when reported. */
static bool refuse_kind(struct compilation *c, const struct import *import)
{
	const char *path = import->path;

	if (ends_with(path, ".h"))
		diag_error(c->diags, import->node.span,
			"only the script itself can import a header of C");
	else if (ends_with(path, ".c") || ends_with(path, ".o"))
		diag_error(c->diags, import->node.span,
			"functions in C cannot be imported: only scripts and headers are read");
	else
		return false;
	return true;
}

static void import_one(struct importer *importer, const struct import *import, const char *name,
	struct imported *out)
{
	struct compilation *c = importer->c;
	const char *path = import->path;
	_cleanup_close_ int fd = -1;
	_cleanup_error_ struct error *error = NULL;

	if (is_built_in(path) || refuse_kind(c, import))
		return;
	if (*path != '/' && strchr(name, '/'))
		path = arena_printf(c->arena, "%s/%s", directory_of(c, name), path);
	error = host_open_named(c->host, path, &fd);
	if (error ? error->number == EISDIR : is_directory(fd))
		import_directory(importer, import, path, out);
	else if (error)
		report_missing(importer, import, path, name, error);
	else
		import_file(importer, import, path, fd, out);
}

/* Imports of the program named name, which is in that file. */
static void import_list(struct importer *importer, const struct program *program, const char *name,
	struct imported *out)
{
	struct node *node;

	node_for_each (program->definitions, node) {
		bool is_header =
			node->kind == NODE_IMPORT && ends_with(node_import(node)->path, ".h");

		if (node->kind == NODE_IMPORT && (!is_header || program != importer->c->program))
			import_one(importer, node_import(node), name, out);
	}
}

static bool has_imports(const struct program *program)
{
	const struct node *node;

	node_for_each (program->definitions, node) {
		if (node->kind == NODE_IMPORT)
			return true;
	}
	return false;
}

void import_files(struct compilation *c)
{
	struct importer importer = {.c = c};
	struct imported imported = {
		.definition_tail = &imported.definitions,
		.probe_tail = &imported.probes,
	};
	struct program *program = c->program;
	_cleanup_close_ int fd = -1;

	if (!has_imports(program))
		return;
	error_free(host_open_named(c->host, c->request->name, &fd));
	if (fd >= 0)
		is_known(&importer, fd);
	import_list(&importer, program, c->request->name, &imported);
	append(&imported.definition_tail, program->definitions);
	append(&imported.probe_tail, program->probes);
	program->definitions = imported.definitions;
	program->probes = imported.probes;
	vec_deinit(&importer.files);
	if (!program->probes && !c->diags->errors)
		diag_error(c->diags, program->node.span,
			"neither the script nor what it imports has a probe");
}
