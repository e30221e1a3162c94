/* SPDX-License-Identifier: Apache-2.0 */
#include "stacks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/base/vec.h"
#include "fetcher.h"
#include "frames.h"

struct stack_source;

/* What the helper works on until a source fetches it. */
struct announced {
	const struct stack_source *source; /* NULL: nothing */
	VEC(struct name_key) keys;
	struct symbols_request request;
};

/* What the sources of all kinds share. */
struct stacks {
	struct helper_process helper;
	struct helper_process fetcher; /* of debug files, if they are wanted */
	int fd;                        /* of the map of stacks */
	size_t size;                   /* of its values */
	struct stack *stack;           /* room for one */
	unsigned users;                /* sources that are not closed */
	struct announced announced;
};

struct stack_source {
	enum name_kind kind;
	struct stacks *stacks;
};

/* --- requests --- */

static enum symbols_mode mode_of(const char *word)
{
	static const char *const words[] = {
		[SYMBOLS_BPFTRACE] = "bpftrace",
		[SYMBOLS_PERF] = "perf",
		[SYMBOLS_RAW] = "raw",
		[SYMBOLS_BUILD_ID] = "build_id",
		[SYMBOLS_NAME] = "name",
		[SYMBOLS_FUNCTION] = "function",
		[SYMBOLS_FIELDS] = STACKS_FIELDS,
		[SYMBOLS_FIELDS_RAW] = STACKS_FIELDS_RAW,
		[SYMBOLS_FIELDS_BUILD_ID] = STACKS_FIELDS_BUILD_ID,
	};

	TABLE_COMPLETE(words, NR_SYMBOLS_MODES);

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i] && strcmp(words[i], word) == 0)
			return (enum symbols_mode)i;
	}
	return SYMBOLS_BPFTRACE;
}

static void append_request(struct str *out, enum symbols_mode mode, const struct stack *stack,
	const uint64_t *frames, uint32_t count)
{
	struct symbols_stack request = {
		.mode = mode,
		.count = count,
		.process = stack->process,
		.time = stack->time,
	};

	str_append_bytes(out, &request, sizeof(request));
	str_append_bytes(out, frames, count * sizeof(*frames));
}

/* A stack by its number; one that found no room in the map has no frames. */
static void append_stack(
	const struct stacks *stacks, enum symbols_mode mode, uint64_t number, struct str *out)
{
	struct stack *stack = stacks->stack;
	uint32_t count = number & STACK_FRAMES_MASK;
	size_t room = (stacks->size - sizeof(*stack)) / sizeof(uint64_t);

	if (!number || stacks->fd < 0 || bpf_map_lookup_elem(stacks->fd, &number, stack) != 0) {
		append_request(out, mode, &(struct stack){}, NULL, 0);
		return;
	}
	append_request(out, mode, stack, stack->frames, MIN(count, (uint32_t)room));
}

static void append_key(
	const struct stack_source *source, const struct name_key *key, struct str *out)
{
	switch (source->kind) {
	case NAME_KERNEL_SYMBOL:
		append_request(out, SYMBOLS_NAME, &(struct stack){}, &key->number, 1);
		break;
	case NAME_USER_SYMBOL: append_stack(source->stacks, SYMBOLS_NAME, key->number, out); break;
	default: append_stack(source->stacks, mode_of(key->parameters), key->number, out); break;
	}
}

/* --- answers --- */

static void give_up(struct stacks *stacks)
{
	_cleanup_str_ struct str fate = STR_INIT;

	if (!stacks->helper.pid)
		return;
	if (!helper_describe_end(&stacks->helper, 1000, &fate))
		str_append(&fate, "does not answer");
	log_warning("addresses are shown without names from now on: the process that finds them %s",
		str_text(&fate));
	helper_kill(&stacks->helper);
}

static void append_address(uint32_t mode, uint64_t address, bool has_before, struct str *out)
{
	if (symbols_has_fields(mode))
		frames_append(&(struct frame){.address = address}, out);
	else
		str_printf(out, "%s0x%" PRIx64, has_before ? "\n" : "", address);
}

/* The addresses of a request's stacks from the one with that index on, as texts. */
static void append_addresses(const struct str *request, size_t from, struct str *ret)
{
	const char *at = str_text(request), *end = at + request->length;

	for (size_t i = 0; at < end; i++) {
		struct symbols_stack stack;

		memcpy(&stack, at, sizeof(stack));
		at += sizeof(stack);
		for (uint32_t j = 0; i >= from && j < stack.count; j++) {
			uint64_t frame;

			memcpy(&frame, at + j * sizeof(frame), sizeof(frame));
			append_address(stack.mode, frame, j > 0, ret);
		}
		if (i >= from)
			str_append_char(ret, '\0');
		at += stack.count * sizeof(uint64_t);
	}
}

/* --- asking --- */

static struct symbols_request make_request(
	const struct stack_source *source, const struct name_key *keys, size_t count)
{
	struct symbols_request request = {};

	for (size_t i = 0; i < count; i++)
		append_key(source, &keys[i], &request.stacks);
	return request;
}

/* Waits for all texts; addresses stand in for those that do not come. */
static void finish(struct stacks *stacks, struct symbols_request *request)
{
	if (stacks->helper.pid && symbols_finish(&stacks->helper, request))
		return;
	give_up(stacks);
	append_addresses(&request->stacks, str_count(&request->texts, 0, '\0'), &request->texts);
}

static void forget_announced(struct announced *announced)
{
	vec_deinit(&announced->keys);
	symbols_request_deinit(&announced->request);
	*announced = (struct announced){};
}

static bool is_announced(
	const struct stack_source *source, const struct name_key *keys, size_t count)
{
	const struct announced *announced = &source->stacks->announced;

	return announced->source == source && announced->keys.count == count &&
	       memcmp(announced->keys.items, keys, count * sizeof(*keys)) == 0;
}

static void announce(void *context, const struct name_key *keys, size_t count)
{
	const struct stack_source *source = context;
	struct stacks *stacks = source->stacks;
	struct announced *announced = &stacks->announced;

	if (announced->source || !stacks->helper.pid)
		return;
	announced->source = source;
	for (size_t i = 0; i < count; i++)
		vec_push(&announced->keys, keys[i]);
	announced->request = make_request(source, keys, count);
	symbols_begin(&stacks->helper, &announced->request);
}

/* The helper answers in order: what was announced comes before anything else. */
static size_t fetch(void *context, const struct name_key *keys, size_t count, struct str *ret)
{
	const struct stack_source *source = context;
	struct stacks *stacks = source->stacks;
	struct announced *announced = &stacks->announced;

	if (announced->source)
		finish(stacks, &announced->request);
	if (is_announced(source, keys, count)) {
		str_append_bytes(
			ret, announced->request.texts.data, announced->request.texts.length);
	} else {
		struct symbols_request request = make_request(source, keys, count);

		finish(stacks, &request);
		str_append_bytes(ret, request.texts.data, request.texts.length);
		symbols_request_deinit(&request);
	}
	forget_announced(announced);
	return count;
}

/* --- the source --- */

static void close_source(void *context)
{
	struct stack_source *source = context;
	struct stacks *stacks = source->stacks;

	free(source);
	if (--stacks->users)
		return;
	helper_stop(&stacks->helper);
	helper_stop(&stacks->fetcher);
	forget_announced(&stacks->announced);
	free(stacks->stack);
	free(stacks);
}

static const struct name_ops stack_ops = {
	.is_cached = true,
	.fetch = fetch,
	.announce = announce,
	.close = close_source,
};

static void add_source(struct names *names, enum name_kind kind, struct stacks *stacks)
{
	struct stack_source *source = xcalloc(1, sizeof(*source));

	*source = (struct stack_source){.kind = kind, .stacks = stacks};
	stacks->users++;
	names_add(names, kind, &stack_ops, source);
}

static size_t value_size(int fd)
{
	struct bpf_map_info info = {};
	uint32_t length = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &length) != 0)
		return sizeof(struct stack);
	return MAX((size_t)info.value_size, sizeof(struct stack));
}

/* Without the process files come from this machine only. Returns the descriptor for fetcher_ask, or
 * -1. */
static int start_fetcher(struct stacks *stacks, unsigned kinds)
{
	int fd = -1;

	if (!(kinds & NAMES_OF_PROCESSES) || !fetcher_is_wanted())
		return -1;

	_cleanup_error_ struct error *error = fetcher_start(&stacks->fetcher, &fd);

	if (error)
		log_warning("debug files are not fetched: %s", error->message);
	return fd;
}

struct error *stacks_open(
	struct names *names, unsigned kinds, int stacks_fd, const struct settings *settings)
{
	struct stacks *stacks = xcalloc(1, sizeof(*stacks));
	_cleanup_close_ int fetcher_fd = start_fetcher(stacks, kinds);
	const struct symbols_needs needs = {
		.kernel = kinds & NAMES_OF_KERNEL,
		.processes = kinds & NAMES_OF_PROCESSES,
		.demangle = settings->cpp_demangle,
		.lines = settings->show_debug_info,
		.vmlinux = *settings->vmlinux ? settings->vmlinux : NULL,
		.keeps_little = strcmp(settings->cache_user_symbols, "NONE") == 0,
		.fetcher_fd = fetcher_fd,
	};
	struct error *error = symbols_start(&needs, &stacks->helper);

	if (error) {
		helper_stop(&stacks->fetcher);
		free(stacks);
		return error;
	}
	stacks->fd = stacks_fd;
	stacks->size = value_size(stacks_fd);
	stacks->stack = xcalloc(1, stacks->size);
	for (unsigned kind = 0; kind < NR_NAME_KINDS; kind++) {
		if (kinds & NAME_BIT(kind))
			add_source(names, (enum name_kind)kind, stacks);
	}
	return NULL;
}
