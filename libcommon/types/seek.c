/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BTF has no index of names, and to make one costs more than the few look-ups of a script. So a
 * name is first searched for among the strings, which shows early that there is no such type; then
 * the types are compared by the offset of their names, without reading a text.
 *
 * The types and strings of a module continue those of the kernel, and its types may have names that
 * are among the kernel's strings. The file of a module is parsed only if it may contain the name.
 */
#include "seek.h"

#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/host/kbtf.h"

/* The offset of a name among the strings of a BTF, and of its base BTF. */
struct places {
	struct str pattern; /* the name between two NULs */
	VEC(uint32_t) offsets;
	size_t in_kernel; /* so many of them, the first */
};

static void places_init(struct places *places, const char *name)
{
	*places = (struct places){};
	str_append_char(&places->pattern, '\0');
	str_append(&places->pattern, name);
	str_append_char(&places->pattern, '\0');
}

static void places_deinit(struct places *places)
{
	str_deinit(&places->pattern);
	vec_deinit(&places->offsets);
}

/* The strings that btf itself has. */
static const char *strings_of(const struct btf *btf, size_t *ret_size)
{
	uint32_t size;
	const struct btf_header *header = btf__raw_data(btf, &size);

	*ret_size = header ? header->str_len : 0;
	return header ? (const char *)header + header->hdr_len + header->str_off : NULL;
}

static void add_places(struct places *places, const struct btf *btf)
{
	const struct btf *base = btf__base_btf(btf);
	size_t before = 0, size;
	const char *strings = strings_of(btf, &size), *at = strings;

	if (base)
		strings_of(base, &before);
	while (at && (at = memmem(at, size - (size_t)(at - strings), places->pattern.data,
			      places->pattern.length))) {
		at++;
		vec_push(&places->offsets, (uint32_t)((size_t)(at - strings) + before));
	}
}

static bool is_place(const struct places *places, uint32_t offset)
{
	const uint32_t *known;

	vec_for_each (&places->offsets, known) {
		if (*known == offset)
			return true;
	}
	return false;
}

static bool has_enumerator(const struct btf *btf, const struct btf_type *type,
	const struct places *places, uint64_t *ret_value)
{
	for (uint32_t i = 0; btf_is_any_enum(type) && i < btf_vlen(type); i++) {
		uint32_t name;
		uint64_t value = btf_enumerator(btf, type, i, &name);

		if (is_place(places, name)) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

/* The first id that btf itself has. */
static uint32_t first_of(const struct btf *btf)
{
	const struct btf *base = btf__base_btf(btf);

	return base ? btf__type_cnt(base) : 1;
}

static uint32_t seek_in(const struct btf *btf, const struct places *places, struct seeking *seeking)
{
	for (uint32_t id = first_of(btf); places->offsets.count && id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (seeking->enumerators ? has_enumerator(btf, type, places, &seeking->value)
					 : (seeking->kinds & (1u << btf_kind(type))) &&
						   is_place(places, type->name_off))
			return id;
	}
	return 0;
}

/* NULL when there is none: then there are no kernel types, which the caller reports. */
static const struct btf *kernel_btf(struct types *types)
{
	const struct btf *btf = NULL;

	if (types->kernel)
		error_free(kbtf_btf(types->kernel, &btf));
	return btf;
}

static const struct btf *module_btf(struct types *types, const char *module)
{
	const struct btf *btf = NULL;

	error_free(kbtf_module(types->kernel, module, &btf));
	return btf;
}

uint32_t seek_kernel(struct types *types, struct seeking *seeking)
{
	_cleanup_(places_deinit) struct places places;
	const struct btf *kernel = kernel_btf(types);
	uint32_t id;

	places_init(&places, seeking->name);
	if (!kernel)
		return 0;
	add_places(&places, kernel);
	id = seek_in(kernel, &places, seeking);
	return id ? types_import(types, kernel, id) : 0;
}

static uint32_t seek_module(
	struct types *types, const char *module, struct places *places, struct seeking *seeking)
{
	const struct btf *btf = NULL;
	uint32_t id;

	if (places->in_kernel || kbtf_module_has_name(types->kernel, module, seeking->name))
		btf = module_btf(types, module);
	if (!btf)
		return 0;
	places->offsets.count = places->in_kernel;
	add_places(places, btf);
	id = seek_in(btf, places, seeking);
	return id ? types_import(types, btf, id) : 0;
}

uint32_t seek_modules(struct types *types, struct seeking *seeking)
{
	_cleanup_(places_deinit) struct places places;
	const struct btf *kernel = kernel_btf(types);
	const char **module;
	uint32_t id = 0;

	places_init(&places, seeking->name);
	if (!kernel)
		return 0;
	add_places(&places, kernel);
	places.in_kernel = places.offsets.count;
	if (seeking->module)
		id = seek_module(types, seeking->module, &places, seeking);
	vec_for_each (kbtf_modules(types->kernel), module) {
		if (!id)
			id = seek_module(types, *module, &places, seeking);
	}
	return id;
}

static void visit_all(const struct btf *btf,
	void (*visit)(void *, const struct btf *, const struct btf_type *), void *context)
{
	for (uint32_t id = btf ? first_of(btf) : 0; btf && id < btf__type_cnt(btf); id++)
		visit(context, btf, btf__type_by_id(btf, id));
}

void seek_all(struct types *types,
	void (*visit)(void *, const struct btf *, const struct btf_type *), void *context)
{
	const char **module;

	visit_all(kernel_btf(types), visit, context);
	if (!types->kernel)
		return;
	vec_for_each (kbtf_modules(types->kernel), module)
		visit_all(module_btf(types, *module), visit, context);
}
