/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and changing maps. A map without a key is an array of one element { value, set }: its
 * update cannot fail, and "set" tells user space that it was ever touched. A keyed map is a hash:
 * the first update of a key inserts zeros (refused when another CPU was first), then the value is
 * changed in place, so that no update is lost when CPUs race; updates that the kernel refuses
 * because the map is full are counted.
 */
#include "ir.h"
#include "libcommon/host/feature.h"

enum {
	UPDATE_ANY = 0,
	UPDATE_NOEXIST = 1,
};

static LLVMValueRef map_word(struct emitter *e, const struct map *map, size_t member)
{
	uint64_t at = sizeof(struct state) + map->index * sizeof(struct state_map) + member;
	return ir_offset(e, e->globals.state, at);
}

/* The map to work on; of a map with two generations, the one in use. One operation asks once, so
 * that all of it happens in one generation. */
static LLVMValueRef map_symbol(struct emitter *e, const struct map *map)
{
	LLVMValueRef first = e->globals.maps[map->index], other = e->globals.others[map->index];
	if (!other)
		return first;
	LLVMValueRef word = map_word(e, map, offsetof(struct state_map, generation));
	LLVMValueRef generation = ir_load_context(e, word, sizeof(uint64_t), false);
	LLVMValueRef is_first = ir_compare(e, LLVMIntEQ, generation, ir_const(e, 0));
	return LLVMBuildSelect(e->builder, is_first, first, other, "");
}

/* A key of its own bytes, zero where the type has holes. */
static LLVMValueRef key_memory(struct emitter *e, const struct map *map, struct node *key)
{
	if (!map->keyed) {
		LLVMValueRef index = variable_stack(e, sizeof(uint64_t));
		ir_store(e, index, ir_const(e, 0), 4);
		return index;
	}
	struct place place = variable_temporary(e, map->key);
	if (types_class(e->c->types, map->key) == TYPE_TUPLE)
		strings_fill(e, place.address, types_size(e->c->types, map->key));
	expr_into(e, key, place);
	return place.address;
}

static LLVMValueRef lookup(struct emitter *e, LLVMValueRef symbol, LLVMValueRef key)
{
	return helper_call_pointer(e, HELPER_map_lookup_elem, HELPER_ARGS(symbol, key));
}

static void count_failure(struct emitter *e, const struct map *map)
{
	LLVMValueRef word = map_word(e, map, offsetof(struct state_map, failures));
	ir_atomic_add(e, word, ir_const(e, 1));
}

static void update(struct emitter *e, const struct map *map, LLVMValueRef key, LLVMValueRef value)
{
	LLVMValueRef result = helper_call(e, HELPER_map_update_elem,
		HELPER_ARGS(map_symbol(e, map), key, value, ir_const(e, UPDATE_ANY)));
	LLVMBasicBlockRef after =
		ir_guard(e, ir_compare(e, LLVMIntSLT, result, ir_const(e, 0)), "refused");
	count_failure(e, map);
	ir_jump(e, after);
	ir_begin(e, after);
}

static LLVMValueRef set_mark(struct emitter *e, const struct map *map, LLVMValueRef element)
{
	uint32_t size = types_size(e->c->types, map->value);
	return ir_offset(e, element, ALIGN_UP(size, 8u));
}

/* The element of key, inserted as zeros when it is new; NULL when the map is full. */
static LLVMValueRef find_or_insert(struct emitter *e, LLVMValueRef symbol, LLVMValueRef key)
{
	LLVMValueRef found = lookup(e, symbol, key);
	LLVMBasicBlockRef before = ir_here(e);
	LLVMBasicBlockRef after = ir_guard(e, ir_is_null(e, found), "insert");
	helper_call(e, HELPER_map_update_elem,
		HELPER_ARGS(symbol, key, e->globals.zeros, ir_const(e, UPDATE_NOEXIST)));
	LLVMValueRef again = lookup(e, symbol, key);
	LLVMBasicBlockRef inserted = ir_here(e);
	ir_jump(e, after);
	ir_begin(e, after);
	LLVMValueRef values[] = {found, again};
	LLVMBasicBlockRef blocks[] = {before, inserted};
	return ir_phi(e, e->pointer, values, blocks, 2);
}

struct mapops_update mapops_update_begin(struct emitter *e, struct map_access *access)
{
	struct map *map = access->map;
	LLVMValueRef key = key_memory(e, map, access->key);
	LLVMValueRef symbol = map_symbol(e, map);
	LLVMValueRef element = map->keyed ? find_or_insert(e, symbol, key) : lookup(e, symbol, key);

	struct mapops_update result = {
		.value = element,
		.done = ir_block(e, "updated"),
		.missing = ir_block(e, "missing"),
	};
	LLVMBasicBlockRef change = ir_block(e, "update");
	ir_branch(e, ir_is_null(e, element), result.missing, change);
	ir_begin(e, result.missing);
	if (map->keyed)
		count_failure(e, map);
	ir_jump(e, result.done);
	ir_begin(e, change);
	if (!map->keyed)
		ir_store(e, set_mark(e, map, element), ir_const(e, 1), 8);
	return result;
}

void mapops_update_end(struct emitter *e, struct mapops_update *update)
{
	ir_jump(e, update->done);
	ir_begin(e, update->done);
}

void mapops_increment(struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef value)
{
	bool own = plan_per_cpu(e->c, map) && !map->nested;
	if (!own) {
		ir_atomic_add(e, address, value);
		return;
	}
	LLVMValueRef old = ir_load(e, address, 8, false);
	ir_store(e, address, LLVMBuildAdd(e->builder, old, value, ""), 8);
}

/* A value in memory of the key's element, copied out; zeros when there is none. */
static struct value read_memory(
	struct emitter *e, const struct map *map, LLVMValueRef element, LLVMBasicBlockRef after)
{
	struct place place = variable_temporary(e, map->value);
	ir_jump(e, after);
	ir_begin(e, after);
	strings_fill(e, place.address, types_size(e->c->types, map->value));
	LLVMBasicBlockRef done = ir_guard(e, LLVMBuildIsNotNull(e->builder, element, ""), "copy");
	strings_move(e, place.address, element, types_size(e->c->types, map->value));
	ir_jump(e, done);
	ir_begin(e, done);
	return value_memory(map->value, place.address);
}

static bool in_register(const struct emitter *e, uint32_t type)
{
	enum type_class class = types_class(e->c->types, type);
	return class == TYPE_INTEGER || class == TYPE_ENUM || class == TYPE_POINTER;
}

struct value mapops_read(struct emitter *e, struct map_access *access)
{
	struct map *map = access->map;
	LLVMValueRef key = key_memory(e, map, access->key);
	LLVMValueRef element = lookup(e, map_symbol(e, map), key);
	LLVMBasicBlockRef before = ir_here(e);
	if (!in_register(e, map->value))
		return read_memory(e, map, element, ir_block(e, "read"));

	LLVMBasicBlockRef after = ir_guard(e, LLVMBuildIsNotNull(e->builder, element, ""), "load");
	LLVMValueRef loaded = access_load(e, value_memory(map->value, element));
	LLVMValueRef values[] = {ir_const(e, 0), loaded};
	LLVMBasicBlockRef blocks[] = {before, ir_here(e)};
	ir_jump(e, after);
	ir_begin(e, after);
	return value_register(map->value, ir_phi(e, e->i64, values, blocks, 2));
}

void mapops_assign(struct emitter *e, struct map_access *access, struct node *value)
{
	struct map *map = access->map;
	if (!map->keyed) {
		struct place place = variable_temporary(e, map->value);
		expr_into(e, value, place);
		struct mapops_update update = mapops_update_begin(e, access);
		strings_move(e, update.value, place.address, types_size(e->c->types, map->value));
		mapops_update_end(e, &update);
		return;
	}
	struct place place = variable_temporary(e, map->value);
	expr_into(e, value, place);
	update(e, map, key_memory(e, map, access->key), place.address);
}

LLVMValueRef mapops_add(struct emitter *e, struct map_access *access, LLVMValueRef value, bool post)
{
	struct map *map = access->map;
	struct mapops_update update = mapops_update_begin(e, access);
	/* the element stays readable after the atomic add, which does not tell the old value */
	LLVMValueRef old = access_load(e, value_memory(map->value, update.value));
	if (types_size(e->c->types, map->value) == 8)
		ir_atomic_add(e, update.value, value);
	else
		access_store(e, (struct place){.type = map->value, .address = update.value},
			LLVMBuildAdd(e->builder, old, value, ""));
	LLVMValueRef now = post ? old : LLVMBuildAdd(e->builder, old, value, "");
	LLVMBasicBlockRef changed = ir_here(e);
	mapops_update_end(e, &update);
	LLVMValueRef values[] = {ir_const(e, 0), now};
	LLVMBasicBlockRef blocks[] = {update.missing, changed};
	return ir_phi(e, e->i64, values, blocks, 2);
}

void mapops_delete(struct emitter *e, struct map *map, struct node *key)
{
	if (map->keyed) {
		helper_call(e, HELPER_map_delete_elem,
			HELPER_ARGS(map_symbol(e, map), key_memory(e, map, key)));
		return;
	}
	LLVMValueRef element = lookup(e, map_symbol(e, map), key_memory(e, map, NULL));
	LLVMBasicBlockRef after =
		ir_guard(e, LLVMBuildIsNotNull(e->builder, element, ""), "delete");
	strings_fill(e, element, ALIGN_UP(types_size(e->c->types, map->value), 8u) + 8);
	ir_jump(e, after);
	ir_begin(e, after);
}

/* A callback of for_each_map_elem that does nothing: the helper returns how often it was called. */
static LLVMValueRef visitor(struct emitter *e)
{
	static const char *const parameters[] = {"map", "key", "value", "context"};
	if (e->globals.visitor)
		return e->globals.visitor;
	struct bpf_function *outer = e->function, visit = {};
	LLVMBasicBlockRef back = ir_here(e);
	struct span span = e->span;
	function_begin(
		e, &visit, "visit_element", NULL, e->i64, parameters, ARRAY_SIZE(parameters), span);
	LLVMBuildRet(e->builder, ir_const(e, 0));
	function_end(e, &visit);
	e->globals.visitor = visit.llvm;
	e->function = outer;
	ir_begin(e, back);
	debug_location(e, span);
	return visit.llvm;
}

LLVMValueRef mapops_walk(
	struct emitter *e, struct map *map, LLVMValueRef function, LLVMValueRef frame)
{
	e->features |= FEATURE_BIT(FEATURE_FOR_EACH_MAP_ELEM);
	return helper_call(e, HELPER_for_each_map_elem,
		HELPER_ARGS(map_symbol(e, map), function, frame, ir_const(e, 0)));
}

LLVMValueRef mapops_length(struct emitter *e, struct map *map)
{
	return mapops_walk(e, map, visitor(e), LLVMConstNull(e->pointer));
}
