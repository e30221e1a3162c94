/* SPDX-License-Identifier: Apache-2.0 */
/* The members of such a class are found by bind/class_text.c. */
#include "classtext.h"

#include "access.h"
#include "bpftrace/compiler/bind/class_text.h"

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
