/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and changing maps. A map without a key is an array of one element { value, set }: its
 * update cannot fail, and "set" tells user space that it was ever touched. A keyed map is a hash:
 * the first update of a key inserts zeros (refused when another CPU was first), then the value is
 * changed in place, so that no update is lost when CPUs race; updates that the kernel refuses
 * because the map is full are counted. So are the elements, where the script asks for their number:
 * by whoever inserts or removes one.
 */
#include <errno.h>

#include "ir.h"
#include "libcommon/host/feature.h"

enum {
	UPDATE_ANY = 0,
	UPDATE_NOEXIST = 1,
	UPDATE_EXIST = 2,
};

enum {
	RAISE_TRIES = 64, /* each one that fails means that another CPU has raised the value */
};

static LLVMValueRef map_word(struct emitter *e, const struct map *map, size_t member)
{
	uint64_t at = sizeof(struct state) + map->index * sizeof(struct state_map) + member;
	return ir_offset(e, e->globals.state, at);
}

/* The map to work on; of a map with two generations, the one in use. One operation asks once, so
 * that all of it happens in one generation. */
struct table {
	LLVMValueRef symbol;
	LLVMValueRef elements; /* the word that counts them; NULL when nobody asks */
};

static struct table table_in_use(struct emitter *e, const struct map *map)
{
	const size_t counts = offsetof(struct state_map, elements);
	LLVMValueRef other = e->globals.others[map->index];
	struct table table = {
		.symbol = e->globals.maps[map->index],
		.elements = map->counted ? map_word(e, map, counts) : NULL,
	};
	if (!other)
		return table;
	LLVMValueRef word = map_word(e, map, offsetof(struct state_map, generation));
	LLVMValueRef generation = ir_load_context(e, word, sizeof(uint64_t), false);
	LLVMValueRef is_first = ir_compare(e, LLVMIntEQ, generation, ir_const(e, 0));
	table.symbol = LLVMBuildSelect(e->builder, is_first, table.symbol, other, "");
	if (map->counted)
		table.elements = LLVMBuildSelect(e->builder, is_first, table.elements,
			map_word(e, map, counts + sizeof(uint64_t)), "");
	return table;
}

static LLVMValueRef key_memory(struct emitter *e, const struct map *map, struct node *key)
{
	if (!map->keyed) {
		LLVMValueRef index = variable_stack(e, sizeof(uint64_t));
		ir_store(e, index, ir_const(e, 0), 4);
		return index;
	}
	return expr_key(e, key, map->key);
}

static LLVMValueRef lookup(struct emitter *e, const struct table *table, LLVMValueRef key)
{
	return helper_call_pointer(e, HELPER_map_lookup_elem, HELPER_ARGS(table->symbol, key));
}

/* The element of key in the table in use, or NULL; the stack that the key took is free again. */
static LLVMValueRef find(struct emitter *e, const struct map *map, struct node *key)
{
	size_t stack = e->function->stack_used;
	LLVMValueRef memory = key_memory(e, map, key);
	struct table table = table_in_use(e, map);
	e->function->stack_used = stack;
	return lookup(e, &table, memory);
}

static void count_failure(struct emitter *e, const struct map *map)
{
	LLVMValueRef word = map_word(e, map, offsetof(struct state_map, failures));
	ir_atomic_add(e, word, ir_const(e, 1));
	tracepipe_write(e, "%s is full", map->name);
}

/* One element more or less, where result says that a helper succeeded. */
static void count_element(
	struct emitter *e, const struct table *table, LLVMValueRef result, int64_t difference)
{
	if (!table->elements)
		return;
	LLVMValueRef succeeded = ir_compare(e, LLVMIntEQ, result, ir_const(e, 0));
	LLVMBasicBlockRef after = ir_guard(e, succeeded, "count_element");
	ir_atomic_add(e, table->elements, ir_const(e, (uint64_t)difference));
	ir_jump(e, after);
	ir_begin(e, after);
}

static LLVMValueRef call_update(struct emitter *e, const struct table *table, LLVMValueRef key,
	LLVMValueRef value, uint64_t how)
{
	LLVMValueRef result = helper_call(e, HELPER_map_update_elem,
		HELPER_ARGS(table->symbol, key, value, ir_const(e, how)));
	if (how == UPDATE_NOEXIST)
		count_element(e, table, result, 1);
	return result;
}

/* To know whether the element is new, it is inserted first and replaced if it was there; one that
 * is gone again by then was removed after this update, which thus succeeded. */
static LLVMValueRef update_counted(
	struct emitter *e, const struct table *table, LLVMValueRef key, LLVMValueRef value)
{
	LLVMValueRef result = call_update(e, table, key, value, UPDATE_NOEXIST);
	LLVMBasicBlockRef inserted = ir_here(e);
	LLVMValueRef is_there = ir_compare(e, LLVMIntEQ, result, ir_const(e, (uint64_t)-EEXIST));
	LLVMBasicBlockRef after = ir_guard(e, is_there, "replace");
	call_update(e, table, key, value, UPDATE_EXIST);
	LLVMBasicBlockRef replaced = ir_here(e);
	ir_jump(e, after);
	ir_begin(e, after);
	LLVMValueRef values[] = {result, ir_const(e, 0)};
	LLVMBasicBlockRef blocks[] = {inserted, replaced};
	return ir_phi(e, e->i64, values, blocks, 2);
}

static void update(struct emitter *e, const struct map *map, LLVMValueRef key, LLVMValueRef value)
{
	filter_forget(e, map);
	struct table table = table_in_use(e, map);
	LLVMValueRef result = table.elements ? update_counted(e, &table, key, value)
					     : call_update(e, &table, key, value, UPDATE_ANY);
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
static LLVMValueRef find_or_insert(struct emitter *e, const struct table *table, LLVMValueRef key)
{
	LLVMValueRef found = lookup(e, table, key);
	LLVMBasicBlockRef before = ir_here(e);
	LLVMBasicBlockRef after = ir_guard(e, ir_is_null(e, found), "insert");
	call_update(e, table, key, e->globals.zeros, UPDATE_NOEXIST);
	LLVMValueRef again = lookup(e, table, key);
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
	struct table table = table_in_use(e, map);
	filter_forget(e, map);
	LLVMValueRef element = map->keyed ? find_or_insert(e, &table, key) : lookup(e, &table, key);

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

static LLVMValueRef exchange(
	struct emitter *e, LLVMValueRef address, LLVMValueRef old, LLVMValueRef new)
{
	e->features |= FEATURE_BIT(FEATURE_ATOMIC_FETCH);
	LLVMValueRef both = LLVMBuildAtomicCmpXchg(e->builder, address, old, new,
		LLVMAtomicOrderingMonotonic, LLVMAtomicOrderingMonotonic, false);
	return LLVMBuildExtractValue(e->builder, both, 0, "");
}

/* Exchanges the larger value for the one seen until it is there or a larger one is. */
static void raise_atomically(
	struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef rank)
{
	LLVMValueRef before = ir_load_context(e, address, sizeof(uint64_t), false);
	LLVMBasicBlockRef start = ir_here(e);
	LLVMBasicBlockRef try = ir_block(e, "try"), failed = ir_block(e, "failed");
	LLVMBasicBlockRef gave_up = ir_block(e, "gave_up"), done = ir_block(e, "raised");
	ir_branch(e, ir_compare(e, LLVMIntUGT, rank, before), try, done);

	ir_begin(e, try);
	LLVMValueRef first[] = {before, ir_const(e, RAISE_TRIES)};
	LLVMValueRef old = ir_phi(e, e->i64, &first[0], &start, 1);
	LLVMValueRef tries = ir_phi(e, e->i64, &first[1], &start, 1);
	LLVMValueRef seen = exchange(e, address, old, rank);
	LLVMValueRef left = LLVMBuildSub(e->builder, tries, ir_const(e, 1), "");
	LLVMValueRef is_mine = ir_compare(e, LLVMIntEQ, seen, old);
	LLVMValueRef is_larger = ir_compare(e, LLVMIntUGE, seen, rank);
	ir_branch(e, LLVMBuildOr(e->builder, is_mine, is_larger, ""), done, failed);
	ir_begin(e, failed);
	LLVMAddIncoming(old, &seen, &failed, 1);
	LLVMAddIncoming(tries, &left, &failed, 1);
	ir_branch(e, ir_compare(e, LLVMIntNE, left, ir_const(e, 0)), try, gave_up);
	ir_begin(e, gave_up);
	count_failure(e, map);
	ir_jump(e, done);
	ir_begin(e, done);
}

/* Kernels without the instruction for it run programs without preemption, and check_map refuses
 * there what more than one CPU would write. */
void mapops_raise(struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef rank)
{
	bool own = plan_per_cpu(e->c, map) && !map->nested;
	bool exchanges = e->c->request->features & FEATURE_BIT(FEATURE_ATOMIC_FETCH);
	if (!own && exchanges) {
		raise_atomically(e, map, address, rank);
		return;
	}
	LLVMValueRef old = ir_load(e, address, sizeof(uint64_t), false);
	LLVMBasicBlockRef after = ir_guard(e, ir_compare(e, LLVMIntUGT, rank, old), "raise");
	ir_store(e, address, rank, sizeof(uint64_t));
	ir_jump(e, after);
	ir_begin(e, after);
}

/* A value in memory of the key's element, copied out; zeros when there is none. */
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

static bool in_register(const struct emitter *e, uint32_t type)
{
	enum type_class class = types_class(e->c->types, type);
	return class == TYPE_INTEGER || class == TYPE_ENUM || class == TYPE_POINTER;
}

struct value mapops_read(struct emitter *e, struct map_access *access)
{
	struct map *map = access->map;
	struct value known;
	if (filter_recall(e, access, &known))
		return known;
	LLVMValueRef element = find(e, map, access->key);
	LLVMBasicBlockRef before = ir_here(e);
	if (!in_register(e, map->value))
		return read_memory(e, map, element, ir_block(e, "read"));

	LLVMBasicBlockRef after = ir_guard(e, LLVMBuildIsNotNull(e->builder, element, ""), "load");
	LLVMValueRef loaded = access_load(e, value_memory(map->value, element));
	LLVMValueRef values[] = {ir_const(e, 0), loaded};
	LLVMBasicBlockRef blocks[] = {before, ir_here(e)};
	ir_jump(e, after);
	ir_begin(e, after);
	struct value value = value_register(map->value, ir_phi(e, e->i64, values, blocks, 2));
	filter_remember(e, access, value);
	return value;
}

static struct place value_place(struct emitter *e, const struct map *map, struct node *value)
{
	struct place place = variable_temporary(e, map->value);
	expr_into(e, value, place);
	holes_fill(e, place);
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

static void delete_key(struct emitter *e, const struct map *map, struct node *key)
{
	LLVMValueRef memory = key_memory(e, map, key);
	struct table table = table_in_use(e, map);
	LLVMValueRef result =
		helper_call(e, HELPER_map_delete_elem, HELPER_ARGS(table.symbol, memory));
	count_element(e, &table, result, -1);
}

void mapops_delete(struct emitter *e, struct map *map, struct node *key)
{
	filter_forget(e, map);
	if (map->keyed) {
		delete_key(e, map, key);
		return;
	}
	LLVMValueRef element = find(e, map, NULL);
	LLVMBasicBlockRef after =
		ir_guard(e, LLVMBuildIsNotNull(e->builder, element, ""), "delete");
	strings_fill(e, element, ALIGN_UP(types_size(e->c->types, map->value), 8u) + 8);
	ir_jump(e, after);
	ir_begin(e, after);
}

LLVMValueRef mapops_has(struct emitter *e, struct map *map, struct node *key)
{
	LLVMValueRef element = find(e, map, key);
	/* or LLVM would join the pointer's bits with those of other conditions */
	return ir_opaque(e, ir_extend(e, LLVMBuildIsNotNull(e->builder, element, ""), false));
}

LLVMValueRef mapops_walk(
	struct emitter *e, struct map *map, LLVMValueRef function, LLVMValueRef frame)
{
	struct table table = table_in_use(e, map);
	e->features |= FEATURE_BIT(FEATURE_FOR_EACH_MAP_ELEM);
	return helper_call(e, HELPER_for_each_map_elem,
		HELPER_ARGS(table.symbol, function, frame, ir_const(e, 0)));
}

LLVMValueRef mapops_length(struct emitter *e, struct map *map)
{
	struct table table = table_in_use(e, map);
	return ir_load_context(e, table.elements, sizeof(uint64_t), false);
}
