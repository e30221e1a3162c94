/* SPDX-License-Identifier: Apache-2.0 */
#include "stubs.h"

#include <inttypes.h>
#include <string.h>

static const char *key_of(const struct cfront *cfront, const char *keyword, const char *name)
{
	return arena_join(cfront->c->arena, keyword ? keyword : "", " ", name, NULL);
}

bool stubs_has(const struct cfront *cfront, const char *keyword, const char *name)
{
	return hashmap_text_get(&cfront->stubs, key_of(cfront, keyword, name)) != NULL;
}

/* Returns whether it is new. */
static bool remember(struct cfront *cfront, const char *keyword, const char *name)
{
	void **slot = hashmap_text_slot(&cfront->stubs, key_of(cfront, keyword, name));
	bool is_new = !*slot;

	*slot = cfront;
	return is_new;
}

static const char *integer_of(uint32_t size, bool is_signed)
{
	static const char *const names[] = {
		[1] = "char", [2] = "short", [4] = "int", [8] = "long long"};

	if (size >= ARRAY_SIZE(names) || !names[size])
		return NULL;
	return is_signed ? names[size]
			 : (const char *const[]){[1] = "unsigned char",
				   [2] = "unsigned short",
				   [4] = "unsigned",
				   [8] = "unsigned long long"}[size];
}

/* A struct of this size, without the name of what it is. */
static void append_bytes(struct cfront *cfront, const char *tag, uint32_t type, struct str *out)
{
	uint32_t size = types_size(cfront->c->types, type);
	uint32_t align = types_align(cfront->c->types, type);

	str_printf(out, "%s { char " CFRONT_PREFIX "bytes[%u]; } __attribute__((aligned(%u)))", tag,
		size, size % align ? 1 : align);
}

static void append_typedef(struct cfront *cfront, const char *name, uint32_t type, struct str *out)
{
	struct types *types = cfront->c->types;
	enum type_class class = types_class(types, type);
	const char *integer = integer_of(types_size(types, type), types_is_signed(types, type));

	str_append(out, "typedef ");
	if (class == TYPE_POINTER)
		str_append(out, "void *");
	else if (types_is_integer(types, type) && integer)
		str_append(out, integer);
	else if (types_size(types, type))
		append_bytes(cfront, "struct", type, out);
	else
		str_append(out, "void");
	str_printf(out, " %s;\n", name);
}

static void append_tagged(struct cfront *cfront, const char *keyword, const char *name,
	uint32_t type, struct str *out)
{
	if (strcmp(keyword, "enum") == 0)
		str_printf(out, "enum %s { " CFRONT_PREFIX "enum_%s }", name, name);
	else
		append_bytes(
			cfront, arena_join(cfront->c->arena, keyword, " ", name, NULL), type, out);
}

static bool add_type(
	struct cfront *cfront, struct c_item *item, const char *keyword, const char *name)
{
	struct types *types = cfront->c->types;
	uint32_t type = types_find(types, keyword, name);

	if (!type || (keyword && !types_size(types, type)) || !remember(cfront, keyword, name))
		return false;
	if (keyword) {
		append_tagged(cfront, keyword, name, type, &item->stubs);
		str_append(&item->stubs, ";\n");
	} else {
		append_typedef(cfront, name, type, &item->stubs);
	}
	return true;
}

static bool add_constant(struct cfront *cfront, struct c_item *item, const char *name)
{
	uint32_t type;
	uint64_t value;

	if (!types_enumerator(cfront->c->types, NULL, name, &type, &value) ||
		!remember(cfront, "constant", name))
		return false;
	str_printf(&item->stubs, "enum { %s = %" PRId64 " };\n", name, (int64_t)value);
	return true;
}

/* The "struct name" that a message about an incomplete type has in apostrophes. */
static bool add_incomplete(struct cfront *cfront, struct c_item *item, const char *message)
{
	static const char *const keywords[] = {"struct", "union", "enum"};

	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		const char *quote = arena_join(cfront->c->arena, "'", keywords[i], " ", NULL);
		const char *at = strstr(message, quote), *name = at ? at + strlen(quote) : NULL;

		if (at)
			return add_type(cfront, item, keywords[i],
				arena_strndup(cfront->c->arena, name, strcspn(name, "' [")));
	}
	return false;
}

bool stubs_add(struct cfront *cfront, struct c_item *item, const char *message, const char *name)
{
	static const char unknown_type[] = "unknown type name ",
			  undeclared[] = "use of undeclared ";
	const char *incomplete = strstr(message, "incomplete ");

	if (strncmp(message, unknown_type, strlen(unknown_type)) == 0)
		return add_type(cfront, item, NULL, name);
	if (strncmp(message, undeclared, strlen(undeclared)) == 0)
		return add_constant(cfront, item, name) || add_type(cfront, item, NULL, name);
	return incomplete && add_incomplete(cfront, item, incomplete);
}
