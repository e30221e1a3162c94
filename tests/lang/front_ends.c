/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front_ends FILE...: reads definitions in C by the parser of the compiler's own and by libclang,
 * and prints for each file, which is a script of definitions only, one line:
 *
 *	FILE: same N         N types and constants, equal in both
 *	FILE: declined       our parser leaves it to libclang
 *	FILE: refused TEXT   neither takes it
 *	FILE: differs TEXT   one of the differences
 */
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpftrace/compiler/bind/bind.h"
#include "bpftrace/compiler/cfront/cfront.h"
#include "libcommon/base/io.h"

/* One reading of a text. */
struct reading {
	struct arena arena;
	struct diags diags;
	struct request request;
	struct compilation c;
};

static bool read_text(struct reading *reading, const char *text, bool by_clang)
{
	const char *script = arena_printf(&reading->arena, "%s%s\nBEGIN { }\n",
		by_clang ? "#define __bpftrace_front_ends 1\n" : "", text);
	struct error *error;

	reading->request = request_init();
	reading->request.name = "definitions";
	reading->request.text = script;
	reading->request.length = strlen(script);
	reading->request.root = "/";
	error = compilation_init(&reading->request, &reading->arena, &reading->diags, &reading->c);
	if (error) {
		fprintf(stderr, "front_ends: %s\n", error->message);
		exit(1);
	}
	cfront_parse(&reading->c);
	if (!reading->diags.errors)
		cdef_parse(&reading->c);
	return reading->diags.errors == 0;
}

static void reading_deinit(struct reading *reading)
{
	compilation_deinit(&reading->c);
	diags_deinit(&reading->diags);
	request_deinit(&reading->request);
	arena_deinit(&reading->arena);
}

/* --- a type as text --- */

static void describe(const struct btf *btf, uint32_t id, bool is_top, struct str *out);

static const char *keyword_of(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_STRUCT: return "struct";
	case BTF_KIND_UNION: return "union";
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64: return "enum";
	default: return NULL;
	}
}

static void describe_members(const struct btf *btf, const struct btf_type *type, struct str *out)
{
	const struct btf_member *member = btf_members(type);

	str_printf(out, " size %u {", type->size);
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		str_printf(out, " %s at %u bits %u: ", btf__name_by_offset(btf, member[i].name_off),
			btf_member_bit_offset(type, i), btf_member_bitfield_size(type, i));
		describe(btf, member[i].type, false, out);
		str_append_char(out, ';');
	}
	str_append(out, " }");
}

static void describe_constants(const struct btf *btf, const struct btf_type *type, struct str *out)
{
	str_printf(out, " size %u {", type->size);
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		bool is_wide = btf_is_enum64(type);
		const char *name = btf__name_by_offset(
			btf, is_wide ? btf_enum64(type)[i].name_off : btf_enum(type)[i].name_off);
		long long value = is_wide ? (long long)btf_enum64_value(&btf_enum64(type)[i])
				  : btf_kflag(type) ? (long long)btf_enum(type)[i].val
						    : (long long)(uint32_t)btf_enum(type)[i].val;

		str_printf(out, " %s = %lld;", name, value);
	}
	str_append(out, " }");
}

/* Types with names are described once, where they are asked for. */
static void describe(const struct btf *btf, uint32_t id, bool is_top, struct str *out)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const char *keyword = keyword_of(type), *name = btf__name_by_offset(btf, type->name_off);

	if (id == 0) {
		str_append(out, "void");
	} else if (keyword) {
		str_printf(out, "%s %s", keyword, name);
		if (*name && !is_top)
			str_printf(out, " size %u", type->size);
		else if (strcmp(keyword, "enum") == 0)
			describe_constants(btf, type, out);
		else
			describe_members(btf, type, out);
	} else if (btf_is_fwd(type)) {
		str_printf(out, "%s %s declared", btf_kflag(type) ? "union" : "struct", name);
	} else if (btf_is_ptr(type)) {
		const struct btf_type *to = btf__type_by_id(btf, type->type);

		str_append(out, "pointer to ");
		if (type->type && keyword_of(to) && to->name_off)
			str_printf(out, "%s %s", keyword_of(to),
				btf__name_by_offset(btf, to->name_off));
		else if (type->type && btf_is_fwd(to))
			str_printf(out, "%s %s", btf_kflag(to) ? "union" : "struct",
				btf__name_by_offset(btf, to->name_off));
		else
			describe(btf, type->type, false, out);
	} else if (btf_is_array(type)) {
		str_printf(out, "array of %u ", btf_array(type)->nelems);
		describe(btf, btf_array(type)->type, false, out);
	} else if (btf_is_int(type)) {
		str_printf(out, "%s size %u encoding %u", name, type->size, btf_int_encoding(type));
	} else {
		str_printf(out, "kind %u %s of ", btf_kind(type), name);
		describe(btf, type->type, false, out);
	}
}

/* --- comparing --- */

static bool same_type(struct reading *own, struct reading *other, const char *keyword,
	const char *name, struct str *out)
{
	_cleanup_str_ struct str a = STR_INIT, b = STR_INIT;
	uint32_t here = types_find(own->c.types, keyword, name),
		 there = types_find(other->c.types, keyword, name);

	describe(types_btf(own->c.types), here, true, &a);
	describe(types_btf(other->c.types), there, true, &b);
	if (strcmp(str_text(&a), str_text(&b)) == 0)
		return true;
	str_printf(out, "%s %s: ours %s, libclang's %s", keyword ? keyword : "typedef", name,
		str_text(&a), str_text(&b));
	return false;
}

static bool same_constants(struct reading *own, struct reading *other, const struct btf_type *type,
	size_t *count, struct str *out)
{
	const struct btf *btf = types_btf(own->c.types);

	for (uint32_t i = 0; i < btf_vlen(type); i++, (*count)++) {
		const char *name = arena_strdup(&own->arena,
			btf__name_by_offset(btf, btf_is_enum64(type) ? btf_enum64(type)[i].name_off
								     : btf_enum(type)[i].name_off));
		uint64_t a = 0, b = 1;
		uint32_t id;

		if (types_enumerator(own->c.types, NULL, name, &id, &a) &&
			types_enumerator(other->c.types, NULL, name, &id, &b) && a == b)
			continue;
		str_printf(out, "constant %s: ours %lld, libclang's %lld", name, (long long)a,
			(long long)b);
		return false;
	}
	return true;
}

/* What our parser has defined, and how libclang's types have it. */
static bool same_types(struct reading *own, struct reading *other, size_t *count, struct str *out)
{
	const struct btf *btf = types_btf(own->c.types);
	uint32_t last = btf__type_cnt(btf);

	for (uint32_t id = 1; id < last; id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name =
			arena_strdup(&own->arena, btf__name_by_offset(btf, type->name_off));
		const char *keyword = keyword_of(type);

		if (keyword && strcmp(keyword, "enum") == 0 &&
			!same_constants(own, other, type, count, out))
			return false;
		type = btf__type_by_id(btf, id);
		if (!*name || strchr(name, '(') || !(keyword || btf_is_typedef(type)))
			continue;
		if (!same_type(own, other, keyword, name, out))
			return false;
		++*count;
	}
	return true;
}

static void first_error(const struct reading *reading, struct str *out)
{
	const struct diag *diag;

	vec_for_each (&reading->diags.list, diag) {
		if (diag->severity == SEVERITY_ERROR && !out->length)
			str_append(out, diag->message);
	}
}

static void compare(const char *file, const char *text)
{
	struct reading own = {}, other = {};
	_cleanup_str_ struct str out = STR_INIT;
	bool is_own = read_text(&own, text, false), is_other = read_text(&other, text, true);
	size_t count = 0;

	if (!is_own && !is_other) {
		first_error(&other, &out);
		printf("%s: refused %s\n", file, str_text(&out));
	} else if (own.c.cfront) {
		printf("%s: declined\n", file);
	} else if (is_own && !is_other) {
		first_error(&other, &out);
		printf("%s: differs only libclang refuses it: %s\n", file, str_text(&out));
	} else if (same_types(&own, &other, &count, &out)) {
		printf("%s: same %zu\n", file, count);
	} else {
		printf("%s: differs %s\n", file, str_text(&out));
	}
	fflush(stdout);
	reading_deinit(&own);
	reading_deinit(&other);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		_cleanup_str_ struct str text = STR_INIT;
		_cleanup_close_ int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
		int number = fd < 0 ? errno : str_read(&text, fd);

		if (number) {
			fprintf(stderr, "front_ends: %s: %s\n", argv[i], strerror(number));
			return 1;
		}
		compare(argv[i], str_text(&text));
	}
	return 0;
}
