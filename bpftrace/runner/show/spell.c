/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that are texts: strings, and numbers that user space spells, each by a function that finds
 * or makes its bytes. A text that a function makes is valid until the next call.
 */
#include "spell.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "bpftrace/runner/data/number.h"
#include "bpftrace/runner/data/wallclock.h"
#include "bpftrace/runner/names/frames.h"
#include "bpftrace/runner/names/stacks.h"
#include "libcommon/base/arena.h"
#include "libcommon/base/format.h"
#include "libcommon/types/number_names.h"
#include "text_sink.h"

enum { BLANKS_IN_OLD_KEYS = 4 }; /* before a frame, as bpftrace 0.20 shows it */

static const struct types *types_of(const struct value *value)
{
	return value->reader->bundle->types;
}

static size_t size_of(const struct value *value)
{
	return types_size(types_of(value), value->type);
}

const char *spell_trailer(const struct value_reader *reader)
{
	const char *trailer = reader->bundle->manifest.settings.str_trunc_trailer;

	return trailer ? trailer : "";
}

/* Scratch for the functions below, emptied. */
static struct str *spelled(const struct value *value)
{
	str_truncate(&value->reader->spelled, 0);
	return &value->reader->spelled;
}

/* Text that was cut, in data or record, and the trailer behind it. */
static const char *with_trailer(const struct value *value, const char *text, size_t *length)
{
	const char *trailer = spell_trailer(value->reader);

	if (!*trailer)
		return text;

	struct str *cut = spelled(value);

	str_append_bytes(cut, text, *length);
	str_append(cut, trailer);
	*length = cut->length;
	return str_text(cut);
}

/* A string that fills its array has no NUL. One of max_strlen bytes was truncated; others are
 * arrays of exactly that many characters. */
static const char *string_bytes(const struct value *value, size_t *ret_length)
{
	size_t size = size_of(value);
	size_t length = strnlen(value->data, size);

	*ret_length = length;
	if (length == size && size == value->reader->bundle->manifest.settings.max_strlen)
		return with_trailer(value, value->data, ret_length);
	return value->data;
}

/* The number of a value that is shown as text; foreign BTF may declare it shorter than a word. */
static uint64_t read_word(const struct value *value)
{
	return number_read(value->data, MIN(size_of(value), sizeof(uint64_t)), false);
}

/* Of a probe or a function: a number of the manifest's names. */
static const char *name_bytes(const struct value *value, size_t *ret_length)
{
	const struct manifest *manifest = &value->reader->bundle->manifest;
	uint64_t number = read_word(value);
	const char *name =
		number - 1 < manifest->names.count ? manifest->names.items[number - 1] : "";

	*ret_length = strlen(name);
	return name;
}

static const char *inet_bytes(const struct value *value, size_t *ret_length)
{
	struct {
		uint64_t family;
		unsigned char address[sizeof(struct in6_addr)];
	} inet = {};
	struct str *text = spelled(value);

	memcpy(&inet, value->data, MIN(size_of(value), sizeof(inet)));
	if (!inet_ntop((int)inet.family, inet.address, str_reserve(text, INET6_ADDRSTRLEN),
		    INET6_ADDRSTRLEN))
		str_printf(text, "(family %" PRIu64 ")", inet.family);
	*ret_length = strlen(text->data);
	return text->data;
}

static const char *mac_bytes(const struct value *value, size_t *ret_length)
{
	const unsigned char *bytes = value->data;
	struct str *text = spelled(value);

	for (uint32_t i = 0; i < size_of(value); i++)
		str_printf(text, "%s%02X", i ? ":" : "", bytes[i]);
	*ret_length = text->length;
	return str_text(text);
}

/* --- names --- */

enum name_kind spell_name_kind(const struct types *types, uint32_t type)
{
	static const enum name_kind kinds[NR_MEANINGS] = {
		[MEANING_USERNAME] = NAME_USER + 1,
		[MEANING_PROCESS_NAME] = NAME_PROCESS + 1,
		[MEANING_CGROUP_PATH] = NAME_CGROUP + 1,
		[MEANING_KSTACK] = NAME_KERNEL_STACK + 1,
		[MEANING_USTACK] = NAME_USER_STACK + 1,
		[MEANING_KSYM] = NAME_KERNEL_SYMBOL + 1,
		[MEANING_USYM] = NAME_USER_SYMBOL + 1,
	};

	if (types_class(types, type) != TYPE_MEANING)
		return NR_NAME_KINDS;

	unsigned kind = kinds[types_meaning_of(types, type)];

	return kind ? kind - 1 : NR_NAME_KINDS;
}

bool spell_is_stack(const struct types *types, uint32_t type)
{
	enum name_kind kind = spell_name_kind(types, type);

	return kind == NAME_KERNEL_STACK || kind == NAME_USER_STACK;
}

/* Modes of stacks that consist of addresses. */
static bool is_of_addresses(const char *mode)
{
	return strcmp(mode, "raw") == 0 || strcmp(mode, "build_id") == 0;
}

struct name_key spell_name_key(const struct value *value)
{
	const char *parameters = types_parameters(types_of(value), value->type);

	if (value->reader->names_functions && !is_of_addresses(parameters) &&
		spell_is_stack(types_of(value), value->type))
		parameters = "function";
	return (struct name_key){.number = read_word(value), .parameters = parameters};
}

static const char *cgroup_path_bytes(const struct value *value, size_t *ret_length)
{
	const char *paths = names_text(value->reader->names, NAME_CGROUP, spell_name_key(value));

	*ret_length = paths ? strlen(paths) : 0;
	return paths ? paths : "";
}

/* A user without a name is a number. */
static const char *username_bytes(const struct value *value, size_t *ret_length)
{
	const char *name = names_text(value->reader->names, NAME_USER, spell_name_key(value));
	struct str *text = spelled(value);

	if (name)
		str_append(text, name);
	else
		str_printf(text, "%" PRIu32, (uint32_t)read_word(value));
	*ret_length = text->length;
	return str_text(text);
}

/* N/A of a process that does not exist, or no longer. */
static const char *process_bytes(const struct value *value, size_t *ret_length)
{
	const char *name = names_text(value->reader->names, NAME_PROCESS, spell_name_key(value));

	if (!name || !*name)
		name = "N/A";
	*ret_length = strlen(name);
	return name;
}

/* --- times, numbers with names --- */

/* The value of the type's parameter of this name, "" if it has another one. */
static const char *parameter(const struct value *value, const char *name)
{
	const char *parameters = types_parameters(types_of(value), value->type);
	size_t length = strlen(name);

	return strncmp(parameters, name, length) == 0 ? parameters + length : "";
}

static const char *timestamp_bytes(const struct value *value, size_t *ret_length)
{
	struct str *text = spelled(value);

	wallclock_format(parameter(value, "format="), wallclock_at(read_word(value)), text);
	*ret_length = text->length;
	return str_text(text);
}

static const char *number_bytes(const struct value *value, size_t *ret_length)
{
	enum meaning meaning = types_meaning_of(types_of(value), value->type);
	const char *text = number_names_text(meaning, arch_native(), read_word(value));

	*ret_length = strlen(text);
	return text;
}

/* --- bytes --- */

/* The bytes of a buf in memory; foreign BTF may declare any form. */
static const char *buf_data(const struct value *value, size_t *ret_length, bool *ret_cut)
{
	size_t room = types_buf_room(types_of(value), value->type);
	uint32_t length = 0;

	if (room + sizeof(length) > size_of(value))
		room = 0;
	if (room)
		memcpy(&length, value->data, sizeof(length));
	*ret_cut = length & BUF_WAS_CUT;
	*ret_length = MIN(length & ~BUF_WAS_CUT, room);
	return (const char *)value->data + sizeof(length);
}

/* Offset and length come from the record and are checked against its size. */
static const char *tail_data(const struct value *value, size_t *ret_length, bool *ret_cut)
{
	uint64_t word = read_word(value);
	size_t offset = (uint32_t)word;
	size_t length = (word & ~TEXT_WAS_CUT) >> 32;

	*ret_length = 0;
	*ret_cut = false;
	if (!value->record || offset > value->record_size || length > value->record_size - offset)
		return "";
	*ret_length = length;
	*ret_cut = word & TEXT_WAS_CUT;
	return (const char *)value->record + offset;
}

static const char *tail_bytes(const struct value *value, size_t *ret_length)
{
	bool was_cut = false;
	const char *text = tail_data(value, ret_length, &was_cut);

	return was_cut ? with_trailer(value, text, ret_length) : text;
}

const char *spell_data(const struct value *value, size_t *ret_length, bool *ret_cut)
{
	if (types_has_meaning(types_of(value), value->type, MEANING_BUF))
		return buf_data(value, ret_length, ret_cut);
	return tail_data(value, ret_length, ret_cut);
}

/* A buf as text, with bytes that are not printable escaped. */
static const char *data_bytes(const struct value *value, size_t *ret_length)
{
	static const struct format_item escaped = {
		.conversion = CONVERSION_BUFFER, .precision = -1};
	bool was_cut = false;
	const char *bytes = spell_data(value, ret_length, &was_cut);
	struct str *text = spelled(value);

	format_buffer(&escaped, bytes, *ret_length, text);
	if (was_cut)
		str_append(text, spell_trailer(value->reader));
	*ret_length = text->length;
	return str_text(text);
}

/* The tracepoint's record is not available here. */
static const char *no_bytes(const struct value *value _unused_, size_t *ret_length)
{
	*ret_length = 0;
	return "";
}

/* --- stacks --- */

struct name_key spell_frames_key(const struct value *value)
{
	struct name_key key = spell_name_key(value);

	if (!spell_is_stack(types_of(value), value->type))
		return key;
	if (strcmp(key.parameters, "raw") == 0)
		key.parameters = STACKS_FIELDS_RAW;
	else if (strcmp(key.parameters, "build_id") == 0)
		key.parameters = STACKS_FIELDS_BUILD_ID;
	else
		key.parameters = STACKS_FIELDS;
	return key;
}

bool spell_frames(const struct value *value, struct sink *sink)
{
	enum name_kind kind = spell_name_kind(types_of(value), value->type);
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct frame *frames;

	if (!spell_is_stack(types_of(value), value->type))
		return false;

	const char *text = names_text(value->reader->names, kind, spell_frames_key(value));
	size_t count = frames_parse(text ? text : "", &arena, &frames);

	sink->ops->frames(sink, frames, count);
	return true;
}

bool spell_stack(const struct value *value, struct sink_stack *ret)
{
	enum name_kind kind = spell_name_kind(types_of(value), value->type);

	if (!spell_is_stack(types_of(value), value->type))
		return false;

	struct name_key key = spell_name_key(value);
	const char *frames = names_text(value->reader->names, kind, key);

	/* A stack for which there was no room: report.c counts them. */
	if (!frames || (!*frames && key.number))
		frames = key.number ? "[not stored]" : "";
	*ret = (struct sink_stack){
		.frames = frames,
		.is_kernel = kind == NAME_KERNEL_STACK,
		.is_table = *key.parameters && strcmp(key.parameters, "bpftrace") != 0 &&
			    strcmp(key.parameters, "function") != 0,
		.blanks_in_key = value->reader->bundle->manifest.is_newer ? TEXT_SINK_BLANKS
									  : BLANKS_IN_OLD_KEYS,
	};
	return true;
}

static const char *stack_bytes(const struct value *value, size_t *ret_length)
{
	struct text_sink text = text_sink(spelled(value), false);
	struct sink_stack stack = {.frames = ""};

	spell_stack(value, &stack);
	text_sink_append_stack(&text, &stack, TEXT_SINK_BLANKS);
	*ret_length = text.out->length;
	return str_text(text.out);
}

static const char *symbol_bytes(const struct value *value, size_t *ret_length)
{
	enum name_kind kind = spell_name_kind(types_of(value), value->type);
	const char *name = names_text(value->reader->names, kind, spell_name_key(value));

	*ret_length = name ? strlen(name) : 0;
	return name ? name : "";
}

/* --- meanings --- */

/* How each line of meanings.def is shown: by the text that a function finds, or (NULL) as an
 * aggregation. A line without its SHOW_… here does not compile. */
#define SHOW_COUNT        NULL
#define SHOW_SUM          NULL
#define SHOW_MIN          NULL
#define SHOW_MAX          NULL
#define SHOW_AVG          NULL
#define SHOW_STATS        NULL
#define SHOW_HIST         NULL
#define SHOW_LHIST        NULL
#define SHOW_TSERIES      NULL
#define SHOW_PROBE        name_bytes
#define SHOW_FUNC         name_bytes
#define SHOW_INET         inet_bytes
#define SHOW_MAC          mac_bytes
#define SHOW_CGROUP_PATH  cgroup_path_bytes
#define SHOW_TIMESTAMP    timestamp_bytes
#define SHOW_STRERROR     number_bytes
#define SHOW_ERRNO_NAME   number_bytes
#define SHOW_SIGNAL_NAME  number_bytes
#define SHOW_SYSCALL_NAME number_bytes
#define SHOW_PROCESS_NAME process_bytes
#define SHOW_USERNAME     username_bytes
#define SHOW_KSTACK       stack_bytes
#define SHOW_USTACK       stack_bytes
#define SHOW_KSYM         symbol_bytes
#define SHOW_USYM         symbol_bytes
#define SHOW_BUF          data_bytes
#define SHOW_TEXT         tail_bytes
#define SHOW_BYTES        data_bytes
#define SHOW_DATA_LOC     no_bytes
#define SHOW_REL_LOC      no_bytes

static spell_fn *const spellers[NR_MEANINGS] = {
#define MEANING(NAME, name, reading, doc) [MEANING_##NAME] = SHOW_##NAME,
#include "libcommon/types/meanings.def"
#undef MEANING
};

spell_fn *spell_of(const struct types *types, uint32_t type)
{
	switch (types_class(types, type)) {
	case TYPE_STRING: return string_bytes;
	case TYPE_MEANING: return spellers[types_meaning_of(types, type)];
	default: return NULL;
	}
}
