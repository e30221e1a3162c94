/* SPDX-License-Identifier: Apache-2.0 */
#include "compilation.h"

#include <errno.h>
#include <string.h>

#include "libcommon/elf/debugdirs.h"
#include "libcommon/host/arch.h"
#include "libcommon/host/machine.h"
#include "libcommon/probes/programs.h"

/* The script without a byte order mark, which editors of other systems put before it. */
static uint32_t add_script(struct diags *diags, const struct request *request)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t length = sizeof(mark) - 1;
	bool has_mark = request->length >= length && memcmp(request->text, mark, length) == 0;
	size_t skipped = has_mark ? length : 0;

	return diags_add_source(
		diags, request->name, request->text + skipped, request->length - skipped);
}

/* Sets the architecture of a host that is not the running machine. */
static struct error *find_arch(const struct request *request, struct host *host)
{
	if (request->arch) {
		host->arch = arch_find(request->arch);
		return host->arch ? NULL
				  : error_new(ENOTSUP, "the architecture '%s' is not supported",
					    request->arch);
	}
	if (host_is_live(host))
		return NULL;

	struct error *error = machine_arch(host, &host->arch);

	return error ? error_prefix(error, "%s", request->root) : NULL;
}

struct error *compilation_init(const struct request *request, struct arena *arena,
	struct diags *diags, struct compilation *ret)
{
	const char *btf = request->settings.btf;
	struct host *host = arena_new(arena, struct host);
	struct error *error = host_open_root(request->root, host);

	if (!error)
		error = find_arch(request, host);
	if (error)
		return error;
	host->opener = request->opener;
	debugdirs_use(request->debug_dirs);
	*ret = (struct compilation){
		.arena = arena,
		.diags = diags,
		.request = request,
		.host = host,
		.source = add_script(diags, request),
		.settings = request->settings,
		.maps_by_name = HASHMAP_INIT,
		.prototypes = HASHMAP_INIT,
		.ir_before = STR_INIT,
		.ir_after = STR_INIT,
	};
	ret->kbtf = kbtf_new(host, *btf ? btf : NULL);
	ret->functions = functions_new(host);
	if (request->traceable)
		functions_list(ret->functions, request->traceable);
	ret->programs = programs_new();
	ret->types = types_new(ret->kbtf);
	return NULL;
}

void compilation_deinit(struct compilation *c)
{
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		vec_deinit(&(*unit)->matches);
		vec_deinit(&(*unit)->spans);
		vec_deinit(&(*unit)->variables);
	}
	vec_deinit(&c->units);
	vec_deinit(&c->options);
	script_arguments_deinit(&c->arguments);
	error_free(c->error);
	vec_deinit(&c->alignments);
	vec_deinit(&c->maps);
	hashmap_deinit(&c->maps_by_name);
	hashmap_deinit(&c->prototypes);
	str_deinit(&c->ir_before);
	str_deinit(&c->ir_after);
	types_free(c->types);
	programs_free(c->programs);
	functions_free(c->functions);
	kbtf_free(c->kbtf);
	host_deinit(c->host);
	*c = (struct compilation){};
}

static bool names(const struct builtin *builtin, const char *name)
{
	size_t length = strlen(builtin->name);

	if (!(builtin->flags & BUILTIN_NUMBERED))
		return strcmp(builtin->name, name) == 0;
	return strncmp(builtin->name, name, length) == 0 && name[length] &&
	       strspn(name + length, "0123456789") == strlen(name + length);
}

/* The row after this one in the table, NULL at its end. Start with family 0 and row NULL. */
static const struct builtin *next_row(
	const struct compilation *c, size_t *family, const struct builtin *row)
{
	row = row ? row + 1 : c->builtin_count ? c->builtins[0] : NULL;
	while (row && !row->name)
		row = ++*family < c->builtin_count ? c->builtins[*family] : NULL;
	return row;
}

const struct builtin *builtin_find(
	const struct compilation *c, const char *name, struct suggestion *suggestion)
{
	const struct builtin *row = NULL;
	size_t family = 0;

	while ((row = next_row(c, &family, row))) {
		if (names(row, name))
			return row;
	}
	if (!suggestion)
		return NULL;
	*suggestion = suggest_start(name);
	for (family = 0; (row = next_row(c, &family, row));) {
		if (!(row->flags & BUILTIN_NUMBERED))
			suggest_offer(suggestion, row->name);
	}
	return NULL;
}
