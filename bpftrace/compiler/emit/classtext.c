/* SPDX-License-Identifier: Apache-2.0 */
/* The members of such a class are found by bind/class_text.c. */
#include "classtext.h"

#include "access.h"
#include "bpftrace/compiler/bind/class_text.h"
#include "expr.h"
#include "variable.h"

static LLVMValueRef follow(struct emitter *e, struct value object, const char *const *path)
{
	struct types_member member = {};

	for (size_t i = 0; i < CLASS_PATH_MOST && path[i]; i++) {
		types_member(
			e->c->types, types_complete(e->c->types, object.type), path[i], &member);
		object = access_member(e, object, member);
	}
	return access_load(e, object);
}

bool classtext_of(struct emitter *e, struct value object, struct value *ret)
{
	const struct class_text *row = class_text_find(e->c->types, object.type);

	if (!row)
		return false;
	*ret = (struct value){
		.storage = STORAGE_USER,
		.llvm = follow(e, object, row->characters),
		.length = follow(e, object, row->length),
	};
	return true;
}

bool classtext_find(
	struct emitter *e, uint32_t pointer_type, LLVMValueRef address, struct value *ret)
{
	return classtext_of(e, access_pointee(e, pointer_type, address), ret);
}

static void object_into(struct emitter *e, struct value object, struct place place)
{
	struct types *types = e->c->types;
	uint32_t type = types_complete(types, types_strip(types, object.type));
	struct value text;

	object.type = type;
	if (types_class(types, place.type) == TYPE_STRING && classtext_of(e, object, &text)) {
		text.type = place.type;
		text.may_fill = true;
		access_copy(e, text, place);
		return;
	}
	if (types_class(types, type) != TYPE_STRUCT || type == place.type) {
		access_copy(e, object, place);
		return;
	}
	for (uint32_t i = 0; i < types_member_count(types, type); i++)
		object_into(e, access_member(e, object, types_member_at(types, type, i)),
			access_part(e, place, types_member_at(types, place.type, i)));
}

bool classtext_into(struct emitter *e, struct node *operand, struct place place)
{
	uint32_t type = types_strip(e->c->types, operand->type);
	struct value object = {.storage = STORAGE_MEMORY, .type = type};
	struct place whole;

	if (class_text_shown(e->c->types, type, e->c->settings.max_strlen) != place.type)
		return false;
	whole = variable_temporary(e, type);
	expr_into(e, operand, whole);
	object.llvm = whole.address;
	object_into(e, object, place);
	return true;
}
