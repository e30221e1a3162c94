/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that are texts: strings, and numbers that user space spells, each by a function that finds
 * or makes its bytes. What a function makes is valid until the next one is called.
 */
#include "spell.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/format.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/host/cgroup.h"
#include "number.h"
#include "wallclock.h"

static const struct types *types_of(const struct render *render)
{
	return render->session->bundle.types;
}

const char *spell_trailer(const struct render *render)
{
	const char *trailer = render->session->bundle.manifest.settings.str_trunc_trailer;

	return trailer ? trailer : "";
}

/* A string that was cut gets the trailer, in a buffer valid until the next such one. */
static const char *with_trailer(
	const struct render *render, const char *text, size_t length, size_t *ret_length)
{
	static struct str cut;
	const char *trailer = spell_trailer(render);

	*ret_length = length;
	if (!*trailer)
		return text;
	str_truncate(&cut, 0);
	str_append_bytes(&cut, text, length);
	str_append(&cut, trailer);
	*ret_length = cut.length;
	return str_text(&cut);
}

/* One that fills its place has no NUL there: it was cut. */
static const char *string_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	size_t size = types_size(types_of(render), type);
	size_t length = strnlen(data, size);

	if (length == size && size)
		return with_trailer(render, data, length, ret_length);
	*ret_length = length;
	return data;
}

/* A number that stands for something; a foreign BTF may say that it is shorter than a word. */
static uint64_t read_word(const struct render *render, uint32_t type, const void *data)
{
	return number_read(data, MIN(types_size(types_of(render), type), sizeof(uint64_t)), false);
}

static const struct manifest_probe *probe_at(
	const struct render *render, uint32_t type, const void *data)
{
	uint64_t index = read_word(render, type, data);

	if (index >= render->session->bundle.manifest.probes.count)
		return NULL;
	return &render->session->bundle.manifest.probes.items[index];
}

static const char *probe_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	const struct manifest_probe *probe = probe_at(render, type, data);
	const char *name = probe ? probe->name : "";

	*ret_length = strlen(name);
	return name;
}

static const char *func_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	const struct manifest_probe *probe = probe_at(render, type, data);
	const char *name = probe && probe->function ? probe->function : "";

	*ret_length = strlen(name);
	return name;
}

/* What the functions below spell, valid until the next one. */
static struct str *spelled(void)
{
	static struct str text;

	str_truncate(&text, 0);
	return &text;
}

static const char *inet_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	struct {
		uint64_t family;
		unsigned char address[sizeof(struct in6_addr)];
	} inet = {};
	struct str *text = spelled();

	memcpy(&inet, data, MIN(types_size(types_of(render), type), sizeof(inet)));
	if (!inet_ntop((int)inet.family, inet.address, str_reserve(text, INET6_ADDRSTRLEN),
		    INET6_ADDRSTRLEN))
		str_printf(text, "(family %" PRIu64 ")", inet.family);
	*ret_length = strlen(text->data);
	return text->data;
}

static const char *mac_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	const unsigned char *bytes = data;
	struct str *text = spelled();

	for (uint32_t i = 0; i < types_size(types_of(render), type); i++)
		str_printf(text, "%s%02X", i ? ":" : "", bytes[i]);
	*ret_length = text->length;
	return str_text(text);
}

static const char *cgroup_path_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	struct str *text = spelled();

	if (render->session->cgroups)
		cgroup_tree_paths(render->session->cgroups, read_word(render, type, data),
			types_parameters(types_of(render), type), text);
	*ret_length = text->length;
	return str_text(text);
}

/* --- users, errors, times --- */

/* What the parameters of a type say behind the name. */
static const char *parameter(const struct render *render, uint32_t type, const char *name)
{
	const char *parameters = types_parameters(types_of(render), type);
	size_t length = strlen(name);

	return strncmp(parameters, name, length) == 0 ? parameters + length : "";
}

static const char *timestamp_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	struct str *text = spelled();

	wallclock_format(parameter(render, type, "format="),
		wallclock_at(read_word(render, type, data)), text);
	*ret_length = text->length;
	return str_text(text);
}

/* The kernel's functions return errors as negative numbers. */
static const char *strerror_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	int number = (int)read_word(render, type, data);
	const char *text = strerror(number < 0 && number != INT_MIN ? -number : number);

	*ret_length = strlen(text);
	return text;
}

/* A user without a name is a number. Names are asked for once. */
static const char *username_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	static struct hashmap names = HASHMAP_INIT;
	uint32_t user = (uint32_t)read_word(render, type, data);
	void **slot = hashmap_slot(&names, &user, sizeof(user));

	if (!*slot) {
		struct str *text = spelled();

		if (!servant_ask(&render->session->names, &user, sizeof(user)) ||
			!servant_answer(&render->session->names, text) || !text->length)
			str_printf(text, "%" PRIu32, user);
		*slot = xstrdup(str_text(text));
	}
	*ret_length = strlen(*slot);
	return *slot;
}

/* --- bytes --- */

/* The bytes of a buf in memory; a foreign BTF may say that it is anything. */
static const char *buf_data(const struct render *render, uint32_t type, const void *data,
	size_t *ret_length, bool *ret_cut)
{
	size_t room = types_buf_room(types_of(render), type);
	uint32_t length = 0;

	if (room + sizeof(length) > types_size(types_of(render), type))
		room = 0;
	if (room)
		memcpy(&length, data, sizeof(length));
	*ret_cut = length & BUF_WAS_CUT;
	*ret_length = MIN(length & ~BUF_WAS_CUT, room);
	return (const char *)data + sizeof(length);
}

/* Where it stands in its record is the record's own word, which is not to be trusted. */
static const char *tail_data(const struct render *render, uint32_t type, const void *data,
	size_t *ret_length, bool *ret_cut)
{
	uint64_t word = read_word(render, type, data);
	size_t offset = (uint32_t)word;
	size_t length = (word & ~TEXT_WAS_CUT) >> 32;

	*ret_length = 0;
	*ret_cut = false;
	if (!render->record || offset > render->record_size ||
		length > render->record_size - offset)
		return "";
	*ret_length = length;
	*ret_cut = word & TEXT_WAS_CUT;
	return (const char *)render->record + offset;
}

static const char *tail_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	bool was_cut = false;
	const char *text = tail_data(render, type, data, ret_length, &was_cut);

	return was_cut ? with_trailer(render, text, *ret_length, ret_length) : text;
}

const char *spell_data(const struct render *render, uint32_t type, const void *data,
	size_t *ret_length, bool *ret_cut)
{
	if (types_is_named(types_of(render), type, NAMED_BUF))
		return buf_data(render, type, data, ret_length, ret_cut);
	return tail_data(render, type, data, ret_length, ret_cut);
}

/* A buf as a text that does a terminal no harm. */
static const char *data_bytes(
	const struct render *render, uint32_t type, const void *data, size_t *ret_length)
{
	static const struct format_item escaped = {
		.conversion = CONVERSION_BUFFER, .precision = -1};
	bool was_cut = false;
	const char *bytes = spell_data(render, type, data, ret_length, &was_cut);
	struct str *text = spelled();

	format_buffer(&escaped, bytes, *ret_length, text);
	*ret_length = text->length;
	if (was_cut)
		return with_trailer(render, str_text(text), text->length, ret_length);
	return str_text(text);
}

/* The tail it stands in is not part of our record. */
static const char *no_bytes(const struct render *render _unused_, uint32_t type _unused_,
	const void *data _unused_, size_t *ret_length)
{
	*ret_length = 0;
	return "";
}

/* --- named types --- */

/* How each line of named.def is shown: by the text that a function finds, or (NULL) as an
 * aggregation. A line without its SHOW_… here does not compile. */
#define SHOW_COUNT       NULL
#define SHOW_SUM         NULL
#define SHOW_MIN         NULL
#define SHOW_MAX         NULL
#define SHOW_AVG         NULL
#define SHOW_STATS       NULL
#define SHOW_HIST        NULL
#define SHOW_LHIST       NULL
#define SHOW_PROBE       probe_bytes
#define SHOW_FUNC        func_bytes
#define SHOW_INET        inet_bytes
#define SHOW_MAC         mac_bytes
#define SHOW_CGROUP_PATH cgroup_path_bytes
#define SHOW_TIMESTAMP   timestamp_bytes
#define SHOW_STRERROR    strerror_bytes
#define SHOW_USERNAME    username_bytes
#define SHOW_BUF         data_bytes
#define SHOW_TEXT        tail_bytes
#define SHOW_BYTES       data_bytes
#define SHOW_DATA_LOC    no_bytes
#define SHOW_REL_LOC     no_bytes

static spell_fn *const named_bytes[NR_NAMED] = {
#define NAMED(NAME, name, doc) [NAMED_##NAME] = SHOW_##NAME,
#include "libcommon/types/named.def"
#undef NAMED
};

spell_fn *spell_of(const struct types *types, uint32_t type)
{
	switch (types_class(types, type)) {
	case TYPE_STRING: return string_bytes;
	case TYPE_NAMED: return named_bytes[types_named_kind(types, type)];
	default: return NULL;
	}
}
