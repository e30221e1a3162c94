/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and updates of maps. A map without a key is an array of one element { value, set }: its
 * update cannot fail, and "set" shows user space that there was an update. A keyed map is a hash:
 * the first update of a key inserts zeros (which fails when another CPU was first), then the value
 * is changed in place, so that concurrent updates are not lost; updates that fail because the map
 * is full are counted. If the script uses the number of elements, insertions and deletions count
 * it. Values that a filter has read are cached for the block (cache.h), until the map is changed.
 */
#include <errno.h>

#include "libcommon/host/feature.h"
#include "access.h"
#include "cache.h"
#include "expr.h"
#include "debug.h"
#include "function.h"
#include "helper.h"
#include "holes.h"
#include "ir.h"
#include "mapops.h"
#include "strings.h"
#include "tracepipe.h"
#include "variable.h"

enum {
	UPDATE_ANY = 0,
	UPDATE_NOEXIST = 1,
	UPDATE_EXIST = 2,
};

static LLVMValueRef map_word(struct emitter *e, const struct map *map, size_t member)
{
	uint64_t at = sizeof(struct state) + map->index * sizeof(struct state_map) + member;

	return ir_offset(e, e->globals.state, at);
}

/* The map of an operation; of a double-buffered map, the active buffer. An operation loads it
 * once, so that all of the operation uses one buffer. */
struct buffer {
	const struct map *map;
	LLVMValueRef symbol;
	LLVMValueRef elements; /* the counter of elements; NULL when the map is not counted */
};

static struct buffer active_buffer(struct emitter *e, const struct map *map)
{
	const size_t counts = offsetof(struct state_map, elements);
	LLVMValueRef standby = e->globals.standby[map->index];
	struct buffer buffer = {
		.map = map,
		.symbol = e->globals.maps[map->index],
		.elements = map->counted ? map_word(e, map, counts) : NULL,
	};

	if (!standby)
		return buffer;
	LLVMValueRef word = map_word(e, map, offsetof(struct state_map, generation));
	LLVMValueRef active = ir_load_volatile(e, word, sizeof(uint64_t), false);
	LLVMValueRef is_first = ir_compare(e, LLVMIntEQ, active, ir_const(e, 0));

	buffer.symbol = LLVMBuildSelect(e->builder, is_first, buffer.symbol, standby, "");
	if (map->counted)
		buffer.elements = LLVMBuildSelect(e->builder, is_first, buffer.elements,
			map_word(e, map, counts + sizeof(uint64_t)), "");
	return buffer;
}

static LLVMValueRef key_memory(struct emitter *e, const struct map *map, struct node *key)
{
	if (!map->keyed) {
		LLVMValueRef index = variable_stack(e, sizeof(uint64_t));

		ir_store(e, index, ir_const(e, 0), 4);
		return index;
	}
	if (types_size(e->c->types, map->key) > SHORT_KEY_BYTES)
		e->features |= FEATURE_BIT(FEATURE_LONG_KEYS);
	return expr_key(e, key, map->key);
}

static LLVMValueRef lookup(struct emitter *e, const struct buffer *buffer, LLVMValueRef key)
{
	return helper_call_pointer(e, HELPER_map_lookup_elem, HELPER_ARGS(buffer->symbol, key));
}

/* Returns the element of a key in the active buffer, or NULL; frees the stack of the key. */
static LLVMValueRef find(struct emitter *e, const struct map *map, struct node *key)
{
	size_t stack = e->function->stack_used;
	LLVMValueRef memory = key_memory(e, map, key);
	struct buffer buffer = active_buffer(e, map);

	e->function->stack_used = stack;
	return lookup(e, &buffer, memory);
}

void mapops_count_failure(struct emitter *e, const struct map *map)
{
	LLVMValueRef word = map_word(e, map, offsetof(struct state_map, failures));

	ir_atomic_add(e, word, ir_const(e, 1));
	tracepipe_write(e, "%s is full", map->name);
}

/* Adds difference to the number of elements if the result of a helper is 0. */
static void count_element(
	struct emitter *e, const struct buffer *buffer, LLVMValueRef result, int64_t difference)
{
	if (!buffer->elements)
		return;
	LLVMValueRef succeeded = ir_compare(e, LLVMIntEQ, result, ir_const(e, 0));
	LLVMBasicBlockRef after = ir_guard(e, succeeded, "count_element");

	ir_atomic_add(e, buffer->elements, ir_const(e, (uint64_t)difference));
	ir_jump(e, after);
	ir_begin(e, after);
}

static LLVMValueRef call_update(struct emitter *e, const struct buffer *buffer, LLVMValueRef key,
	LLVMValueRef value, uint64_t flags)
{
	struct helper_failure failure = {buffer->map->name, "it was not changed"};
	LLVMValueRef result = helper_change(e, HELPER_map_update_elem, failure,
		HELPER_ARGS(buffer->symbol, key, value, ir_const(e, flags)));

	if (flags == UPDATE_NOEXIST)
		count_element(e, buffer, result, 1);
	return result;
}

/* To count new elements, inserts first and replaces an element that exists. One that was deleted
 * in between was deleted after this update, which thus succeeded. */
static LLVMValueRef update_counted(
	struct emitter *e, const struct buffer *buffer, LLVMValueRef key, LLVMValueRef value)
{
	LLVMValueRef result = call_update(e, buffer, key, value, UPDATE_NOEXIST);
	LLVMBasicBlockRef inserted = ir_here(e);
	LLVMValueRef is_there = ir_compare(e, LLVMIntEQ, result, ir_const(e, (uint64_t)-EEXIST));
	LLVMBasicBlockRef after = ir_guard(e, is_there, "replace");

	call_update(e, buffer, key, value, UPDATE_EXIST);
	LLVMBasicBlockRef replaced = ir_here(e);

	ir_jump(e, after);
	ir_begin(e, after);
	LLVMValueRef values[] = {result, ir_const(e, 0)};
	LLVMBasicBlockRef blocks[] = {inserted, replaced};

	return ir_phi(e, e->i64, values, blocks, 2);
}

static void update(struct emitter *e, const struct map *map, LLVMValueRef key, LLVMValueRef value)
{
	cache_drop(e, map);
	struct buffer buffer = active_buffer(e, map);
	LLVMValueRef result = buffer.elements ? update_counted(e, &buffer, key, value)
					      : call_update(e, &buffer, key, value, UPDATE_ANY);
	LLVMBasicBlockRef after =
		ir_guard(e, ir_compare(e, LLVMIntSLT, result, ir_const(e, 0)), "refused");

	mapops_count_failure(e, map);
	ir_jump(e, after);
	ir_begin(e, after);
}

static LLVMValueRef set_flag(struct emitter *e, const struct map *map, LLVMValueRef element)
{
	uint32_t size = types_size(e->c->types, map->value);

	return ir_offset(e, element, ALIGN_UP(size, 8u));
}

/* Returns the element of a key, inserted as zeros if it did not exist; NULL when the map is
 * full. */
static LLVMValueRef find_or_insert(struct emitter *e, const struct buffer *buffer, LLVMValueRef key)
{
	LLVMValueRef found = lookup(e, buffer, key);
	LLVMBasicBlockRef before = ir_here(e);
	LLVMBasicBlockRef after = ir_guard(e, ir_is_null(e, found), "insert");

	call_update(e, buffer, key, e->globals.zeros, UPDATE_NOEXIST);
	LLVMValueRef inserted_element = lookup(e, buffer, key);
	LLVMBasicBlockRef inserted = ir_here(e);

	ir_jump(e, after);
	ir_begin(e, after);
	LLVMValueRef values[] = {found, inserted_element};
	LLVMBasicBlockRef blocks[] = {before, inserted};

	return ir_phi(e, e->pointer, values, blocks, 2);
}

struct mapops_update mapops_update_begin(struct emitter *e, struct map_access *access)
{
	struct map *map = access->map;
	LLVMValueRef key = key_memory(e, map, access->key);
	struct buffer buffer = active_buffer(e, map);

	cache_drop(e, map);
	LLVMValueRef element =
		map->keyed ? find_or_insert(e, &buffer, key) : lookup(e, &buffer, key);

	struct mapops_update result = {
		.value = element,
		.done = ir_block(e, "updated"),
		.missing = ir_block(e, "missing"),
	};
	LLVMBasicBlockRef change = ir_block(e, "update");

	ir_branch(e, ir_is_null(e, element), result.missing, change);
	ir_begin(e, result.missing);
	if (map->keyed)
		mapops_count_failure(e, map);
	ir_jump(e, result.done);
	ir_begin(e, change);
	if (!map->keyed)
		ir_store(e, set_flag(e, map, element), ir_const(e, 1), 8);
	return result;
}

void mapops_update_end(struct emitter *e, struct mapops_update *update)
{
	ir_jump(e, update->done);
	ir_begin(e, update->done);
}

/* Returns a copy of an element's value in memory; zeros when it does not exist. */
static struct value read_memory(
	struct emitter *e, const struct map *map, LLVMValueRef element, LLVMBasicBlockRef after)
{
	struct place place = variable_temporary(e, map->value);

	ir_jump(e, after);
	ir_begin(e, after);
	access_clear(e, place);
	LLVMBasicBlockRef done = ir_guard(e, LLVMBuildIsNotNull(e->builder, element, ""), "copy");

	access_copy(e, value_memory(map->value, element), place);
	ir_jump(e, done);
	ir_begin(e, done);
	return value_memory(map->value, place.address);
}

struct value mapops_read(struct emitter *e, struct map_access *access)
{
	struct map *map = access->map;
	struct value cached;
	/* -k reports an element that is missing, where the script tests for that only -kk does. */
	int level = e->may_be_missing ? 2 : 1;

	e->may_be_missing = false;
	if (cache_find(e, access, &cached))
		return cached;
	LLVMValueRef element = find(e, map, access->key);

	if (map->keyed)
		helper_report_missing(
			e, level, (struct helper_failure){map->name, "it was read as 0"}, element);
	LLVMBasicBlockRef before = ir_here(e);

	if (!types_is_scalar(e->c->types, map->value))
		return read_memory(e, map, element, ir_block(e, "read"));

	LLVMBasicBlockRef after = ir_guard(e, LLVMBuildIsNotNull(e->builder, element, ""), "load");
	LLVMValueRef loaded = access_load(e, value_memory(map->value, element));
	LLVMValueRef values[] = {ir_const(e, 0), loaded};
	LLVMBasicBlockRef blocks[] = {before, ir_here(e)};

	ir_jump(e, after);
	ir_begin(e, after);
	struct value value = value_register(map->value, ir_phi(e, e->i64, values, blocks, 2));

	cache_add(e, access, value);
	return value;
}

static struct place value_place(struct emitter *e, const struct map *map, struct node *value)
{
	struct place place = variable_temporary(e, map->value);

	expr_into(e, value, place);
	holes_fill(e, place, value->span);
	return place;
}

void mapops_assign(struct emitter *e, struct map_access *access, struct node *value)
{
	struct map *map = access->map;

	if (!map->keyed) {
		struct place place = value_place(e, map, value);
		struct mapops_update update = mapops_update_begin(e, access);

		access_copy(e, value_memory(map->value, place.address),
			(struct place){.type = map->value, .address = update.value});
		mapops_update_end(e, &update);
		return;
	}
	struct place place = value_place(e, map, value);

	update(e, map, key_memory(e, map, access->key), place.address);
}

LLVMValueRef mapops_add(struct emitter *e, struct map_access *access, LLVMValueRef value, bool post)
{
	struct map *map = access->map;
	struct mapops_update update = mapops_update_begin(e, access);

	/* the atomic add does not return the old value */
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

static LLVMValueRef delete_key(struct emitter *e, const struct map *map, struct node *key)
{
	LLVMValueRef memory = key_memory(e, map, key);
	struct buffer buffer = active_buffer(e, map);
	struct helper_failure failure = {map->name, "nothing was deleted"};
	LLVMValueRef result = helper_change(
		e, HELPER_map_delete_elem, failure, HELPER_ARGS(buffer.symbol, memory));

	count_element(e, &buffer, result, -1);
	return ir_extend(e, ir_compare(e, LLVMIntEQ, result, ir_const(e, 0)), false);
}

/* Returns whether the map was set. */
static LLVMValueRef delete_value(struct emitter *e, const struct map *map)
{
	LLVMValueRef element = find(e, map, NULL);
	LLVMBasicBlockRef before = ir_here(e);
	LLVMBasicBlockRef after =
		ir_guard(e, LLVMBuildIsNotNull(e->builder, element, ""), "delete");
	LLVMValueRef set = ir_load(e, set_flag(e, map, element), sizeof(uint64_t), false);

	strings_fill(e, element, ALIGN_UP(types_size(e->c->types, map->value), 8u) + 8);
	LLVMValueRef values[] = {ir_const(e, 0), set};
	LLVMBasicBlockRef blocks[] = {before, ir_here(e)};

	ir_jump(e, after);
	ir_begin(e, after);
	return ir_phi(e, e->i64, values, blocks, 2);
}

LLVMValueRef mapops_delete(struct emitter *e, struct map *map, struct node *key)
{
	cache_drop(e, map);
	return map->keyed ? delete_key(e, map, key) : delete_value(e, map);
}

LLVMValueRef mapops_has(struct emitter *e, struct map *map, struct node *key)
{
	LLVMValueRef element = find(e, map, key);

	/* or LLVM would combine the bits of the pointer with other conditions */
	return ir_opaque(e, ir_extend(e, LLVMBuildIsNotNull(e->builder, element, ""), false));
}

struct mapops_found mapops_find_begin(
	struct emitter *e, struct map *map, struct node *key, struct value *ret)
{
	LLVMValueRef element = find(e, map, key);
	struct mapops_found found = {.before = ir_here(e)};

	found.done = ir_guard(e, LLVMBuildIsNotNull(e->builder, element, ""), "found");
	*ret = value_memory(map->value, element);
	return found;
}

LLVMValueRef mapops_find_end(struct emitter *e, const struct mapops_found *found)
{
	LLVMValueRef values[] = {ir_const(e, 0), ir_const(e, 1)};
	LLVMBasicBlockRef blocks[] = {found->before, ir_here(e)};

	ir_jump(e, found->done);
	ir_begin(e, found->done);
	return ir_phi(e, e->i64, values, blocks, 2);
}

LLVMValueRef mapops_walk(
	struct emitter *e, struct map *map, LLVMValueRef function, LLVMValueRef frame)
{
	struct buffer buffer = active_buffer(e, map);

	e->features |= FEATURE_BIT(FEATURE_FOR_EACH_MAP_ELEM);
	return helper_call(e, HELPER_for_each_map_elem,
		HELPER_ARGS(buffer.symbol, function, frame, ir_const(e, 0)));
}

/* A function that the kernel calls for each element. */
static LLVMValueRef go_on_function(struct emitter *e)
{
	static const char *const parameters[] = {"map", "key", "value", "context"};
	struct bpf_function *outer = e->function, function = {};
	LLVMBasicBlockRef back = ir_here(e);
	struct span span = e->span;

	function_begin(
		e, &function, "go_on", NULL, e->i64, parameters, ARRAY_SIZE(parameters), span);
	LLVMBuildRet(e->builder, ir_const(e, 0));
	function_end(e, &function);
	e->function = outer;
	ir_begin(e, back);
	debug_location(e, span);
	return function.llvm;
}

/* The kernel removes elements of such maps, so only a walk over them counts those that are there.
 */
static LLVMValueRef count_walked(struct emitter *e, struct map *map)
{
	if (!e->globals.go_on)
		e->globals.go_on = go_on_function(e);
	return mapops_walk(e, map, e->globals.go_on, LLVMConstNull(e->pointer));
}

LLVMValueRef mapops_length(struct emitter *e, struct map *map)
{
	if (map_is_lru(map))
		return count_walked(e, map);
	struct buffer buffer = active_buffer(e, map);

	return ir_load_volatile(e, buffer.elements, sizeof(uint64_t), false);
}

void mapops_drop_cached(struct emitter *e)
{
	cache_drop(e, NULL);
}
