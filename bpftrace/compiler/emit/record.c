/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records for user space: a struct that starts with the number of its call site, then one part per
 * value. A record of small fixed size is reserved in the data ring, filled there, and submitted.
 * Strings and bufs from TAIL_LEAST on are a word {offset, length} with the bytes in the tail; such
 * a record, and one of many values, is packed in scratch and sent at its true length. Control
 * records have a ring of their own and carry the data ring's position, which gives them their place
 * in the order.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "access.h"
#include "expr.h"
#include "helper.h"
#include "ir.h"
#include "record.h"
#include "strings.h"
#include "tracepipe.h"
#include "variable.h"

enum {
	TAIL_LEAST = 257, /* strings and bufs of so many bytes go into the tail */
	RINGBUF_PRODUCER_POSITION = 3,
	RINGBUF_FORCE_WAKEUP = 2,
	PACKET_SIZE_SHIFT = 32, /* of BPF_F_CTXLEN_MASK */
	MOST_WORDS = 3,         /* of a control record */
	MOST_RESERVED = 16, /* values that are held in registers until there is a record for them */
};

#define PACKET_THIS_CPU UINT64_C(0xffffffff) /* BPF_F_CURRENT_CPU */

uint32_t record_site(struct emitter *e, struct node *call, enum action action)
{
	struct manifest_site *site = vec_add(&e->manifest->sites);

	site->action = action;
	site->span = call->span;
	site->divisor = 1;
	return e->manifest->sites.count - 1;
}

struct manifest_site *record_site_row(struct emitter *e, uint32_t site)
{
	return &e->manifest->sites.items[site];
}

static bool is_buf(const struct emitter *e, uint32_t type)
{
	return types_has_meaning(e->c->types, type, MEANING_BUF);
}

static bool goes_to_tail(const struct emitter *e, uint32_t type)
{
	const struct types *types = e->c->types;
	bool has_length = types_class(types, type) == TYPE_STRING || is_buf(e, type);

	return has_length && types_size(types, type) >= TAIL_LEAST;
}

/* The struct of a site's records; head words first. */
static uint32_t record_type(struct emitter *e, uint32_t site, const char *const *head,
	size_t head_count, const uint32_t *members, size_t count)
{
	struct types *types = e->c->types;
	struct types_field *fields =
		arena_array(e->c->arena, struct types_field, head_count + count);

	for (size_t i = 0; i < head_count; i++)
		fields[i] = (struct types_field){head[i], types_integer(types, 8, false)};
	for (size_t i = 0; i < count; i++)
		fields[head_count + i] =
			(struct types_field){arena_printf(e->c->arena, "_%zu", i), members[i]};
	struct manifest_site *row = record_site_row(e, site);

	row->record = arena_printf(e->c->arena, "%s_%u", action_descs[row->action].name, site);
	uint32_t type = types_struct(types, row->record, fields, head_count + count);

	vec_push(&e->records, type);
	return type;
}

static void count_lost(struct emitter *e, enum state_word counter)
{
	ir_atomic_add(e, ir_state(e, counter), ir_const(e, 1));
	tracepipe_write(e, "no room for a record");
}

/* Reserves size bytes; code after it runs only when there was room, until submit. */
static LLVMValueRef reserve(
	struct emitter *e, enum ring_kind ring, uint32_t size, LLVMBasicBlockRef *done)
{
	LLVMValueRef symbol = ring == RING_DATA ? e->globals.data_ring : e->globals.control_ring;
	LLVMValueRef record = helper_call_pointer(
		e, HELPER_ringbuf_reserve, HELPER_ARGS(symbol, ir_const(e, size), ir_const(e, 0)));
	LLVMBasicBlockRef full = ir_block(e, "ring_full"), room = ir_block(e, "ring_room");

	*done = ir_block(e, "sent");
	ir_branch(e, ir_is_null(e, record), full, room);
	ir_begin(e, full);
	count_lost(e, ring == RING_DATA ? STATE_lost : STATE_lost_control);
	ir_jump(e, *done);
	ir_begin(e, room);
	return record;
}

static void submit(struct emitter *e, LLVMValueRef record, uint64_t flags, LLVMBasicBlockRef done)
{
	helper_call_pointer(e, HELPER_ringbuf_submit, HELPER_ARGS(record, ir_const(e, flags)));
	ir_jump(e, done);
	ir_begin(e, done);
}

/* A value of a record. */
struct record_part {
	struct node *node;
	uint32_t type;
	uint32_t offset;
};

struct record_plan {
	uint32_t site;
	uint32_t type;
	struct record_part *parts;
	size_t count;
	bool packed;
};

static struct place part_place(
	struct emitter *e, const struct record_part *part, LLVMValueRef record)
{
	return (struct place){
		.type = part->type,
		.address = ir_offset(e, record, part->offset),
	};
}

/* Where something is in the tail. */
static void store_word(struct emitter *e, LLVMValueRef to, LLVMValueRef offset, LLVMValueRef length,
	LLVMValueRef cut)
{
	LLVMValueRef word = LLVMBuildShl(e->builder, length, ir_const(e, 32), "");
	LLVMValueRef mark =
		LLVMBuildSelect(e->builder, cut, ir_const(e, TEXT_WAS_CUT), ir_const(e, 0), "");

	word = LLVMBuildOr(e->builder, word, offset, "");
	ir_store(e, to, LLVMBuildOr(e->builder, word, mark, ""), 8);
}

/* Returns the maximum number of characters of a string in the tail: without the last one of a
 * string that was cut. */
static uint32_t tail_most(struct emitter *e, uint32_t type)
{
	return types_size(e->c->types, type) - strings_shows_cut(e, type);
}

/*
 * Appends a string at offset tail (i64) of the record in scratch; returns the tail behind it. The
 * NUL is not kept, nor is the last character of a string that was cut, so that the length of a
 * string of 2^n bytes is bounded by a mask, the only bound that the verifiers of all kernels keep.
 */
static LLVMValueRef append_text(
	struct emitter *e, const struct record_part *part, LLVMValueRef record, LLVMValueRef tail)
{
	uint32_t limit = tail_most(e, part->node->type);
	struct place place = {
		.type = part->node->type,
		.address = ir_offset_value(e, record, tail),
	};
	LLVMValueRef length = strings_read(e, strings_unread(e, expr_emit(e, part->node)), place);
	LLVMValueRef most = ir_const(e, limit);
	LLVMValueRef cut = ir_compare(e, LLVMIntUGT, length, most);

	length = LLVMBuildSelect(e->builder, cut, most, length, "");
	length = LLVMBuildAnd(
		e->builder, ir_opaque(e, length), ir_const(e, ir_power_of_two(limit + 1) - 1), "");
	store_word(e, ir_offset(e, record, part->offset), tail, length, cut);
	return LLVMBuildAdd(e->builder, tail, length, "");
}

/* The same for a buf, whose length is written with it. */
static LLVMValueRef append_buf(
	struct emitter *e, const struct record_part *part, LLVMValueRef record, LLVMValueRef tail)
{
	struct place place = {
		.type = part->node->type,
		.address = ir_offset_value(e, record, tail),
	};

	expr_into(e, part->node, place);
	LLVMValueRef length = ir_load(e, place.address, sizeof(uint32_t), false);
	LLVMValueRef mark = ir_const(e, BUF_WAS_CUT);
	LLVMValueRef cut = ir_compare(e, LLVMIntUGE, length, mark);
	LLVMValueRef rest = LLVMBuildSub(e->builder, length, mark, "");

	length = LLVMBuildSelect(e->builder, cut, rest, length, "");
	length = ir_bound(e, length, types_buf_room(e->c->types, place.type));
	LLVMValueRef data = LLVMBuildAdd(e->builder, tail, ir_const(e, sizeof(uint32_t)), "");

	store_word(e, ir_offset(e, record, part->offset), data, length, cut);
	return LLVMBuildAdd(e->builder, data, length, "");
}

static void output(struct emitter *e, LLVMValueRef record, LLVMValueRef size)
{
	LLVMValueRef result = helper_call(e, HELPER_ringbuf_output,
		HELPER_ARGS(e->globals.data_ring, record, size, ir_const(e, 0)));
	LLVMBasicBlockRef after =
		ir_guard(e, ir_compare(e, LLVMIntSLT, result, ir_const(e, 0)), "lost");

	count_lost(e, STATE_lost);
	ir_jump(e, after);
	ir_begin(e, after);
}

static uint32_t tail_room(struct emitter *e, uint32_t type)
{
	if (is_buf(e, type))
		return types_size(e->c->types, type);
	return ir_power_of_two(tail_most(e, type) + 1);
}

static void send_packed(struct emitter *e, const struct record_plan *plan)
{
	uint32_t fixed = types_size(e->c->types, plan->type), room = fixed;

	for (size_t i = 0; i < plan->count; i++)
		if (goes_to_tail(e, plan->parts[i].node->type))
			room += tail_room(e, plan->parts[i].node->type);
	LLVMValueRef record = variable_scratch(e, room);

	ir_store(e, record, ir_const(e, plan->site), 8);
	LLVMValueRef tail = ir_const(e, fixed);

	for (size_t i = 0; i < plan->count; i++) {
		const struct record_part *part = &plan->parts[i];

		if (!goes_to_tail(e, part->node->type))
			expr_into(e, part->node, part_place(e, part, record));
		else if (is_buf(e, part->node->type))
			tail = append_buf(e, part, record, tail);
		else
			tail = append_text(e, part, record, tail);
	}
	output(e, record, tail);
}

/* Scalars are evaluated before the record is reserved, so that it is held for a short time. */
static void send_reserved(struct emitter *e, const struct record_plan *plan)
{
	LLVMValueRef scalars[MOST_RESERVED] = {};

	for (size_t i = 0; i < plan->count; i++)
		if (types_is_scalar(e->c->types, plan->parts[i].type))
			scalars[i] = expr_register(e, plan->parts[i].node);
	LLVMBasicBlockRef done;
	LLVMValueRef record = reserve(e, RING_DATA, types_size(e->c->types, plan->type), &done);

	ir_store(e, record, ir_const(e, plan->site), 8);
	for (size_t i = 0; i < plan->count; i++) {
		struct place place = part_place(e, &plan->parts[i], record);

		if (scalars[i])
			access_store(e, place, scalars[i]);
		else
			expr_into(e, plan->parts[i].node, place);
	}
	submit(e, record, 0, done);
}

static bool find_step(struct node *node, void *context)
{
	bool *found = context;

	if (node->kind == NODE_UNARY)
		*found |= node_unary(node)->op >= OPERATOR_PRE_INCREMENT;
	return !*found;
}

/* Whether a value changes what another one may read, so that they must be evaluated in order. */
static bool has_step(struct node *values)
{
	bool found = false;

	for (struct node *node = values; node && !found; node = node->next)
		node_walk(node, find_step, &found);
	return found;
}

static struct record_plan plan_record(struct emitter *e, uint32_t site, struct node *first)
{
	static const char *const head[] = {"site"};
	struct types *types = e->c->types;
	size_t count = node_count(first), at = 0;
	uint32_t *members = arena_array(e->c->arena, uint32_t, count + 1);
	struct record_plan plan = {
		.site = site,
		.parts = arena_array(e->c->arena, struct record_part, count + 1),
		.count = count,
		.packed = count > MOST_RESERVED || has_step(first),
	};

	for (struct node *node = first; node; node = node->next, at++) {
		members[at] = node->type;
		if (goes_to_tail(e, node->type)) {
			enum meaning meaning = is_buf(e, node->type) ? MEANING_BYTES : MEANING_TEXT;

			members[at] = types_with_meaning(
				types, meaning, types_integer(types, 8, false), NULL);
			plan.packed = true;
		}
		plan.parts[at] = (struct record_part){.node = node, .type = members[at]};
	}
	plan.type = record_type(e, site, head, ARRAY_SIZE(head), members, count);
	for (size_t i = 0; i < count; i++)
		plan.parts[i].offset =
			types_member_at(types, plan.type, ARRAY_SIZE(head) + i).bit_offset / 8;
	return plan;
}

void record_send(struct emitter *e, uint32_t site, struct node *first)
{
	struct record_plan plan = plan_record(e, site, first);

	if (plan.packed)
		send_packed(e, &plan);
	else
		send_reserved(e, &plan);
}

struct record_text record_text_begin(struct emitter *e, uint32_t site, uint32_t room)
{
	static const char *const head[] = {"site"};
	struct types *types = e->c->types;
	uint32_t text =
		types_with_meaning(types, MEANING_TEXT, types_integer(types, 8, false), NULL);
	uint32_t type = record_type(e, site, head, ARRAY_SIZE(head), &text, 1);
	struct record_text result = {.offset = types_size(types, type)};

	result.record = variable_scratch(e, result.offset + room);
	result.text = ir_offset(e, result.record, result.offset);
	ir_store(e, result.record, ir_const(e, site), 8);
	return result;
}

void record_text_send(
	struct emitter *e, const struct record_text *text, LLVMValueRef length, LLVMValueRef cut)
{
	LLVMValueRef offset = ir_const(e, text->offset);

	store_word(e, ir_offset(e, text->record, sizeof(uint64_t)), offset, length, cut);
	output(e, text->record, LLVMBuildAdd(e->builder, offset, length, ""));
}

void record_control(struct emitter *e, uint32_t site, const LLVMValueRef *words, size_t count)
{
	static const char *const head[] = {"site", "data_position"};
	uint32_t member_types[MOST_WORDS];

	for (size_t i = 0; i < count; i++)
		member_types[i] = types_integer(e->c->types, 8, true);
	uint32_t type = record_type(e, site, head, ARRAY_SIZE(head), member_types, count);

	LLVMValueRef position = helper_call(e, HELPER_ringbuf_query,
		HELPER_ARGS(e->globals.data_ring, ir_const(e, RINGBUF_PRODUCER_POSITION)));
	LLVMBasicBlockRef done;
	LLVMValueRef record = reserve(e, RING_CONTROL, types_size(e->c->types, type), &done);

	ir_store(e, record, ir_const(e, site), 8);
	ir_store(e, ir_offset(e, record, 8), position, 8);
	for (size_t i = 0; i < count; i++)
		ir_store(e, ir_offset(e, record, 16 + 8 * i), words[i], 8);
	submit(e, record, RINGBUF_FORCE_WAKEUP, done);
}

LLVMValueRef record_packet(struct emitter *e, uint32_t site, LLVMValueRef skb, LLVMValueRef size,
	const LLVMValueRef *words, size_t count)
{
	static const char *const head[] = {"site"};
	uint32_t *member_types = arena_array(e->c->arena, uint32_t, count);

	for (size_t i = 0; i < count; i++)
		member_types[i] = types_integer(e->c->types, 8, false);
	uint32_t type = record_type(e, site, head, ARRAY_SIZE(head), member_types, count);

	uint32_t record_size = types_size(e->c->types, type);
	LLVMValueRef record = variable_stack(e, record_size);

	ir_store(e, record, ir_const(e, site), 8);
	for (size_t i = 0; i < count; i++)
		ir_store(e, ir_offset(e, record, 8 + 8 * i), words[i], 8);
	LLVMValueRef flags = LLVMBuildShl(e->builder, size, ir_const(e, PACKET_SIZE_SHIFT), "");

	flags = LLVMBuildOr(e->builder, flags, ir_const(e, PACKET_THIS_CPU), "");
	LLVMValueRef result = helper_call(e, HELPER_skb_output,
		HELPER_ARGS(skb, e->globals.packets, flags, record, ir_const(e, record_size)));
	LLVMBasicBlockRef after =
		ir_guard(e, ir_compare(e, LLVMIntEQ, result, ir_const(e, -ENOSPC)), "lost");

	count_lost(e, STATE_lost);
	ir_jump(e, after);
	ir_begin(e, after);
	return result;
}

/* Three texts, each ended by a NUL but for the last. */
static void set_failure(struct emitter *e, struct manifest_site *row, const char *helper,
	struct helper_failure failure)
{
	_cleanup_str_ struct str text = STR_INIT;

	str_append_bytes(&text, helper, strlen(helper) + 1);
	if (failure.map)
		str_append(&text, failure.map);
	str_append_char(&text, '\0');
	str_append(&text, failure.means);
	row->text = arena_memdup(e->c->arena, text.data, text.length);
	row->text_length = text.length;
}

void record_helper_error(
	struct emitter *e, const char *helper, struct helper_failure failure, LLVMValueRef result)
{
	static const char *const head[] = {"site"};
	struct node here = {.span = e->span};
	uint32_t site = record_site(e, &here, ACTION_HELPER_ERROR);
	struct manifest_site *row = record_site_row(e, site);

	set_failure(e, row, helper, failure);
	uint32_t word = types_integer(e->c->types, 8, true);
	uint32_t type = record_type(e, site, head, ARRAY_SIZE(head), &word, 1);

	LLVMBasicBlockRef done;
	LLVMValueRef record = reserve(e, RING_DATA, types_size(e->c->types, type), &done);

	ir_store(e, record, ir_const(e, site), 8);
	ir_store(e, ir_offset(e, record, 8), result, 8);
	submit(e, record, 0, done);
}
