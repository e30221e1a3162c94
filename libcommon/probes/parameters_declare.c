/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters as scripts would declare them, for listings. */
#include <errno.h>
#include <string.h>

#include "libcommon/base/str.h"
#include "libcommon/host/declarator.h"
#include "libcommon/types/quote.h"
#include "parameters.h"
#include "programs.h"

enum { DEPTH_MOST = 16 };

/* All pointers of programs lead to user memory, which is no news to their readers. */
static void append_untagged(const char *text, struct str *out)
{
	static const char tag[] = " __attribute__((btf_type_tag(\"user\")))";
	const char *found;

	while ((found = strstr(text, tag))) {
		str_append_bytes(out, text, (size_t)(found - text));
		text = found + strlen(tag);
		/* "char **argv" */
		text += str_text(out)[out->length - 1] == '*' && strncmp(text, " *", 2) == 0;
	}
	str_append(out, text);
}

/* The tag of the struct, union or enum behind pointers, arrays and qualifiers; "" if the type
 * behind them is another one. */
static const char *tag_name(const struct btf *btf, uint32_t id)
{
	for (int i = 0; i < DEPTH_MOST; i++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if (!type)
			return "";
		if (btf_is_composite(type) || btf_is_any_enum(type) || btf_is_fwd(type))
			return btf__name_by_offset(btf, type->name_off);
		if (btf_is_array(type))
			id = btf_array(type)->type;
		else if (btf_is_ptr(type) || btf_is_mod(type))
			id = type->type;
		else
			return "";
	}
	return "";
}

/* As scripts have to write the type: some names of C++ are in quotes. */
static void append_quoted(const char *text, const char *name, struct str *out)
{
	const char *found = name && *name ? strstr(text, name) : NULL;

	if (!found) {
		append_untagged(text, out);
		return;
	}
	str_append_bytes(out, text, (size_t)(found - text));
	quote_type_name(name, out);
	append_untagged(found + strlen(name), out);
}

static struct error *declare_one(const struct types *types, const struct types_member *member,
	const struct operand *operand, struct str *out)
{
	/* of its own, so that no earlier type of the name makes libbpf number this one */
	_cleanup_(declarator_deinit) struct declarator declarator =
		declarator_make(types_btf(types));
	const char *text;
	struct error *error = declarator_spell(&declarator, member->type, member->name, 0, &text);

	if (error)
		return error;
	str_append(out, "    ");
	append_quoted(text, tag_name(types_btf(types), member->type), out);
	if (operand->kind == OPERAND_OTHER)
		str_printf(out, " (cannot be read: it is %s)", operand->why);
	str_append_char(out, '\n');
	return NULL;
}

/* One error for all functions of a file. */
static struct error *undescribed(
	const struct probe_world *world, const struct probe_match *match, struct error *error)
{
	struct debuginfo *info = NULL;
	uint64_t pc;

	error_free(programs_find(world, match, &info, &pc));
	if (error->number != ENODATA || !info)
		return error;
	error_free(error);
	return error_new(ENODATA,
		"the debug information of %s does not describe all functions: of the others, "
		"arguments are not known",
		match->target);
}

struct error *parameters_declare(
	const struct probe_world *world, const struct probe_match *match, struct str *out)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const struct operands *operands = NULL;
	uint32_t args = 0;
	struct error *error = parameters_read(world, match, types, &arena, &args, &operands);

	if (error)
		return undescribed(world, match, error);
	for (uint32_t i = 0; !error && i < types_member_count(types, args); i++) {
		struct types_member member = types_member_at(types, args, i);

		error = declare_one(types, &member, &operands->items[i], out);
	}
	return error;
}
