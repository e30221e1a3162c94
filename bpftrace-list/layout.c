/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks over the members, also those of anonymous structs and unions, whose members are accessed as
 * members of the outer type. Only structs have holes: members of a union all have offset 0.
 *
 * Sources: Documentation/bpf/btf.rst of the kernel; the form of the output follows pahole(1).
 */
#include "layout.h"

#include <errno.h>
#include <string.h>

#include "declaration.h"

enum {
	LINES_MAX = 1 << 20, /* BTF can nest one large anonymous type many times */
	CACHE_LINE = 64,     /* bytes */
};

struct walk {
	const struct btf *btf;
	struct arena *arena;
	struct declarator *declarator;
	struct layout *layout;
};

static struct layout_line *add_line(struct walk *walk, enum layout_kind kind, unsigned depth)
{
	struct layout_line *line = vec_add(&walk->layout->lines);

	line->kind = kind;
	line->depth = depth;
	return line;
}

static bool is_composite(const struct btf_type *type)
{
	return btf_is_struct(type) || btf_is_union(type);
}

/* Returns the anonymous struct or union that is the type, or of which it is an array; appends the
 * array's bounds to *bounds. NULL for other types. */
static const struct btf_type *anonymous_of(const struct walk *walk, uint32_t id, struct str *bounds)
{
	const struct btf_type *type = btf__type_by_id(walk->btf, id);

	while (btf_is_array(type)) {
		str_printf(bounds, "[%u]", btf_array(type)->nelems);
		type = btf__type_by_id(walk->btf, btf_array(type)->type);
	}
	return is_composite(type) && !*declaration_name(walk->btf, type->name_off) ? type : NULL;
}

static const char *keyword(const struct btf_type *type)
{
	return btf_is_union(type) ? "union" : "struct";
}

static void add_hole(
	struct walk *walk, const char *what, unsigned depth, uint64_t from, uint64_t to)
{
	if (to <= from)
		return;

	struct layout_line *line = add_line(walk, LAYOUT_HOLE, depth);

	line->text = what;
	line->bit_at = from;
	line->bits = to - from;
}

static struct error *add_members(
	struct walk *walk, const struct btf_type *type, unsigned depth, uint64_t base);

static struct error *add_anonymous(struct walk *walk, const struct btf_type *type, const char *name,
	const char *bounds, unsigned depth, uint64_t at, uint64_t bits)
{
	struct layout_line *line = add_line(walk, LAYOUT_OPEN, depth);

	line->text = arena_printf(walk->arena, "%s {", keyword(type));
	line->bit_at = at;

	struct error *error = add_members(walk, type, depth + 1, at);

	if (error)
		return error;
	line = add_line(walk, LAYOUT_CLOSE, depth);
	line->text =
		arena_printf(walk->arena, "}%s%s%s", *name || *bounds ? " " : "", name, bounds);
	line->name = name;
	line->type = arena_printf(walk->arena, "%s%s", keyword(type), bounds);
	line->bit_at = at;
	line->bits = bits;
	return NULL;
}

static struct error *add_plain(struct walk *walk, uint32_t type, const char *name, unsigned depth,
	uint64_t at, uint64_t bits, bool is_bit_field)
{
	const char *spelling;
	struct error *error = declarator_spell(walk->declarator, type, "", depth, &spelling);

	if (error)
		return error;

	struct layout_line *line = add_line(walk, LAYOUT_MEMBER, depth);

	line->type = arena_strdup(walk->arena, spelling);
	error = declarator_spell(walk->declarator, type, name, depth, &spelling);
	if (error)
		return error;
	line->text = is_bit_field ? arena_printf(walk->arena, "%s: %llu", spelling,
					    (unsigned long long)bits)
				  : arena_strdup(walk->arena, spelling);
	line->name = name;
	line->bit_at = at;
	line->bits = bits;
	line->is_bit_field = is_bit_field;
	return NULL;
}

/* Adds member number index; sets *end to the bit behind it. */
static struct error *add_member(struct walk *walk, const struct btf_type *type, uint32_t index,
	unsigned depth, uint64_t base, uint64_t *end)
{
	_cleanup_str_ struct str bounds = STR_INIT;
	const struct btf_member *member = &btf_members(type)[index];
	const char *name = declaration_name(walk->btf, member->name_off);
	uint32_t width = btf_member_bitfield_size(type, index);
	uint64_t at = base + btf_member_bit_offset(type, index);
	int64_t size = btf__resolve_size(walk->btf, member->type);
	uint64_t bits = width ? width : size > 0 ? (uint64_t)size * 8 : 0;

	if (walk->layout->lines.count >= LINES_MAX)
		return error_new(E2BIG, "the type has too many members");
	if (btf_is_struct(type))
		add_hole(walk, "hole", depth, *end, at);
	*end = at + bits;

	const struct btf_type *inner = anonymous_of(walk, member->type, &bounds);

	if (inner)
		return add_anonymous(walk, inner, name, str_text(&bounds), depth, at, bits);
	return add_plain(walk, member->type, name, depth, at, bits, width > 0);
}

static struct error *add_members(
	struct walk *walk, const struct btf_type *type, unsigned depth, uint64_t base)
{
	uint64_t end = base;

	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		struct error *error = add_member(walk, type, i, depth, base, &end);

		if (error)
			return error;
	}
	if (btf_is_struct(type))
		add_hole(walk, "padding", depth, end, base + (uint64_t)type->size * 8);
	return NULL;
}

/* Whether a member, or the whole, is not aligned as its type requires. */
static bool is_packed(const struct btf *btf, const struct btf_type *type)
{
	int widest_alignment = 1;

	if (!btf_is_struct(type))
		return false;
	for (uint32_t i = 0; i < btf_vlen(type); i++) {
		int alignment = btf__align_of(btf, btf_members(type)[i].type);

		if (alignment <= 0 || btf_member_bitfield_size(type, i))
			continue;
		if (btf_member_bit_offset(type, i) % ((uint32_t)alignment * 8))
			return true;
		widest_alignment = MAX(widest_alignment, alignment);
	}
	return type->size % (uint32_t)widest_alignment != 0;
}

struct error *layout_make(
	struct declarator *declarator, uint32_t id, struct arena *arena, struct layout *ret)
{
	const struct btf *btf = declarator->btf;
	struct walk walk = {.btf = btf, .arena = arena, .declarator = declarator, .layout = ret};
	const struct btf_type *type = btf__type_by_id(btf, id);
	const char *name = declaration_name(btf, type->name_off), *beginning, *ending;

	*ret = (struct layout){};
	if (btf_is_typedef(type)) {
		type = btf__type_by_id(btf, type->type);
		if (*declaration_name(btf, type->name_off))
			return NULL;
		beginning = arena_printf(arena, "typedef %s {", keyword(type));
		ending = arena_printf(arena, "} %s", name);
	} else {
		beginning = arena_printf(arena, "%s %s {", keyword(type), name);
		ending = "}";
	}
	if (!is_composite(type))
		return NULL;

	ret->size = type->size;
	add_line(&walk, LAYOUT_OPEN, 0)->text = beginning;

	struct error *error = add_members(&walk, type, 1, 0);

	if (error) {
		layout_deinit(ret);
		return error;
	}
	add_line(&walk, LAYOUT_CLOSE, 0)->text =
		is_packed(btf, type)
			? arena_printf(arena, "} __attribute__((packed))%s", ending + 1)
			: ending;
	return NULL;
}

void layout_deinit(struct layout *layout)
{
	vec_deinit(&layout->lines);
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* Width of a member without its comment, in columns; a tab is eight. For an anonymous type of
 * several lines that of the last one. */
static size_t width_of(const struct layout_line *line)
{
	const char *feed = strrchr(line->text, '\n');
	const char *last = feed ? feed + 1 : line->text;
	size_t tabs = strspn(last, "\t");

	return (feed ? tabs : line->depth) * 8 + strlen(last) - tabs + 1;
}

static size_t widest(const struct layout *layout)
{
	const struct layout_line *line;
	size_t width = 0;

	vec_for_each (&layout->lines, line)
		width = line->name ? MAX(width, width_of(line)) : width;
	return width;
}

static void write_amount(uint64_t bits, struct str *out)
{
	uint64_t amount = bits % 8 ? bits : bits / 8;

	str_printf(out, "%llu %s%s", (unsigned long long)amount, bits % 8 ? "bit" : "byte",
		plural(amount));
}

/* Offset and size in bytes; of a bit-field its offset with the first bit, and its bits. */
static void write_place(const struct layout_line *line, struct str *out)
{
	uint64_t byte = line->bit_at / 8, bit = line->bit_at % 8;

	if (line->is_bit_field)
		str_printf(out, "/* %5llu:%llu %4llu */", (unsigned long long)byte,
			(unsigned long long)bit, (unsigned long long)line->bits);
	else
		str_printf(out, "/* %5llu   %4llu */", (unsigned long long)byte,
			(unsigned long long)(line->bits / 8));
}

static void write_line(const struct layout_line *line, size_t column, struct str *out)
{
	str_append_repeat(out, '\t', line->depth);
	if (line->kind == LAYOUT_HOLE) {
		str_printf(out, "/* %s: ", line->text);
		write_amount(line->bits, out);
		str_append(out, " */\n");
		return;
	}
	str_append(out, line->text);
	if (line->kind != LAYOUT_OPEN)
		str_append_char(out, ';');
	if (line->name) {
		str_append_repeat(out, ' ', column - width_of(line) + 1);
		write_place(line, out);
	}
	str_append_char(out, '\n');
}

static void write_totals(const struct layout *layout, struct str *out)
{
	const struct layout_line *line;
	uint64_t members = 0, holes = 0, unused = 0;
	uint64_t lines = (layout->size + CACHE_LINE - 1) / CACHE_LINE;

	vec_for_each (&layout->lines, line) {
		members += line->depth == 1 && line->name;
		holes += line->kind == LAYOUT_HOLE;
		unused += line->kind == LAYOUT_HOLE ? line->bits : 0;
	}
	str_printf(out, "/* %llu byte%s in %llu cache line%s, %llu member%s",
		(unsigned long long)layout->size, plural(layout->size), (unsigned long long)lines,
		plural(lines), (unsigned long long)members, plural(members));
	if (holes > 0) {
		str_printf(out, ", %llu hole%s of together ", (unsigned long long)holes,
			plural(holes));
		write_amount(unused, out);
	}
	str_append(out, " */");
}

void layout_write(const struct layout *layout, struct str *out)
{
	const struct layout_line *line;
	size_t column = widest(layout);

	vec_for_each (&layout->lines, line)
		write_line(line, column, out);
	write_totals(layout, out);
}

void layout_write_plain(const struct layout *layout, struct str *out)
{
	const struct layout_line *line;
	bool is_empty = layout->lines.count == 2;

	vec_for_each (&layout->lines, line) {
		if (line->kind == LAYOUT_HOLE)
			continue;
		str_append_repeat(out, '\t', line->depth);
		str_append(out, line->text);
		str_append(out, line->kind != LAYOUT_OPEN ? ";\n" : is_empty ? "" : "\n");
	}
	str_truncate(out, out->length - 1);
}
