/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A word is replaced as the preprocessor does it: by text, which then means what it means at that
 * place. But an expansion that stands for itself, as (1 << 3) does and 1 + 2 does not, is replaced
 * by its number where the compiler knows it, as C's types decide it.
 */
#include "macros.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* --- words --- */

static bool defines(const char *line, const char *word)
{
	const char *at = line + strspn(line, "# \t");
	size_t length = strlen(word);

	if (strncmp(at, "define", strlen("define")) != 0)
		return false;
	at += strlen("define");
	at += strspn(at, " \t");
	return strncmp(at, word, length) == 0 && !isalnum((unsigned char)at[length]) &&
	       at[length] != '_';
}

static bool is_defined_here(const struct cfront *cfront, const char *word)
{
	const struct c_item *item;

	vec_for_each (&cfront->items, item) {
		if (item->kind == C_LINE && defines(item->text, word))
			return true;
	}
	return false;
}

static bool is_in_attach_point(const struct cfront *cfront, uint32_t position)
{
	struct node *probe, *point;

	node_for_each (cfront->c->program->probes, probe) {
		node_for_each (node_probe(probe)->attach_points, point) {
			if (point->span.begin <= position && position < point->span.end)
				return true;
		}
	}
	return false;
}

/* Words of the language are those of the language, and attach points name things of the machine,
 * whatever headers define. */
static bool may_be_macro(const struct cfront *cfront, const char *word, uint32_t position)
{
	if (is_defined_here(cfront, word))
		return true;
	return !builtin_find(cfront->c, word, NULL) && !is_in_attach_point(cfront, position);
}

/* Text in C, and settings. */
static bool is_in_definition(const struct cfront *cfront, uint32_t position)
{
	const struct node *node;

	node_for_each (cfront->c->program->definitions, node) {
		if ((node->kind == NODE_C_TEXT || node->kind == NODE_CONFIG) &&
			node->span.begin <= position && position < node->span.end)
			return true;
	}
	return false;
}

/* The end of the parentheses that follow a position, or 0. Text in quotes is skipped. */
static uint32_t parentheses_end(const struct source *source, uint32_t position)
{
	const char *text = source->text, *end = text + source->length;
	const char *at = text + position;
	unsigned depth = 0;

	while (at < end && isspace((unsigned char)*at))
		at++;
	if (at == end || *at != '(')
		return 0;
	for (; at < end; at++) {
		if (*at == '"' || *at == '\'') {
			char quote = *at++;

			while (at < end && *at != quote && *at != '\n')
				at += *at == '\\' ? 2 : 1;
		} else if (*at == '(') {
			depth++;
		} else if (*at == ')' && --depth == 0) {
			return (uint32_t)(at - text) + 1;
		}
	}
	return 0;
}

static int compare_spans(const void *a, const void *b)
{
	const struct span *left = a, *right = b;

	return left->begin < right->begin ? -1 : left->begin > right->begin;
}

static const char *text_of(const struct cfront *cfront, uint32_t begin, uint32_t end)
{
	const struct source *source = &cfront->c->diags->sources.items[cfront->c->source];

	return arena_strndup(cfront->c->arena, source->text + begin, end - begin);
}

/* Whether a C compiler can have an opinion on it: variables, maps and parameters are not C. */
static bool is_c(const char *text)
{
	return !strpbrk(text, "$@");
}

static const char *word_of(const struct cfront *cfront, const struct c_item *item)
{
	return text_of(cfront, item->span.begin, item->span.end);
}

static void write_use(struct cfront *cfront, struct c_item *item)
{
	unsigned n = item->number, line = unit_line(cfront, item);
	const char *word = word_of(cfront, item);
	const char *call =
		item->call_end ? text_of(cfront, item->span.begin, item->call_end) : NULL;
	_cleanup_str_ struct str text = STR_INIT;

	str_printf(&text,
		"#ifdef %s\n#line %u\nstatic const char " CFRONT_PREFIX "text_%u[] = " CFRONT_PREFIX
		"text(%s);\n#line %u\nstatic const __auto_type " CFRONT_PREFIX "value_%u = (%s);\n",
		word, line, n, word, line, n, word);
	if (call)
		str_printf(&text,
			"#line %u\nstatic const char " CFRONT_PREFIX "call_%u[] = " CFRONT_PREFIX
			"text(%s);\n",
			line, n, call);
	if (call && is_c(call))
		str_printf(&text,
			"#line %u\nstatic const __auto_type " CFRONT_PREFIX "result_%u = (%s);\n",
			line, n, call);
	str_append(&text, "#endif");
	item->text = arena_strdup(cfront->c->arena, str_text(&text));
}

static void add_word(struct cfront *cfront, struct span span)
{
	const struct source *source = &cfront->c->diags->sources.items[cfront->c->source];
	const char *word = text_of(cfront, span.begin, span.end);
	struct c_item *item;

	if (!may_be_macro(cfront, word, span.begin) || is_in_definition(cfront, span.begin))
		return;
	item = unit_add(cfront, C_USE, span, NULL);
	item->call_end = parentheses_end(source, span.end);
}

/* By their places in the script; --include files, which are at its beginning, stay first. */
static int compare_items(const void *a, const void *b)
{
	const struct c_item *left = a, *right = b;

	if (left->kind == C_INCLUDE || right->kind == C_INCLUDE)
		return left->kind == right->kind ? (int)left->number - (int)right->number
						 : (int)left->kind - (int)right->kind;
	if (left->span.begin != right->span.begin)
		return left->span.begin < right->span.begin ? -1 : 1;
	return (int)left->kind - (int)right->kind;
}

static void sort_items(struct cfront *cfront)
{
	struct c_item *item;

	if (cfront->items.count)
		qsort(cfront->items.items, cfront->items.count, sizeof(*item), compare_items);
	vec_for_each (&cfront->items, item) {
		item->number = (uint32_t)(item - cfront->items.items);
		if (item->kind == C_USE)
			write_use(cfront, item);
		else if (item->kind == C_MARK)
			item->text = unit_mark(cfront, item);
	}
}

/* Each macro is defined once more at the end, about which the compiler warns with the place of
 * the definition before. */
static void add_end(struct cfront *cfront)
{
	const struct source *source = &cfront->c->diags->sources.items[cfront->c->source];
	uint32_t end = (uint32_t)source->length;
	_cleanup_hashmap_ struct hashmap seen = HASHMAP_INIT;
	_cleanup_str_ struct str text = STR_INIT;
	const struct c_item *item;

	vec_for_each (&cfront->items, item) {
		const char *word;
		void **slot;

		if (item->kind != C_USE)
			continue;
		word = word_of(cfront, item);
		slot = hashmap_text_slot(&seen, word);
		if (!*slot)
			str_printf(&text, "#ifdef %s\n#define %s " CFRONT_PREFIX "end\n#endif\n",
				word, word);
		*slot = cfront;
	}
	unit_add(cfront, C_END, (struct span){cfront->c->source, end, end},
		arena_strdup(cfront->c->arena, str_text(&text)));
}

void macros_add_words(struct cfront *cfront, const parse_words *words)
{
	struct span *sorted = arena_array(cfront->c->arena, struct span, words->count + 1);
	uint32_t last = UINT32_MAX;

	if (words->count) {
		memcpy(sorted, words->items, words->count * sizeof(*sorted));
		qsort(sorted, words->count, sizeof(*sorted), compare_spans);
	}
	for (size_t i = 0; i < words->count; i++) {
		if (sorted[i].begin != last)
			add_word(cfront, sorted[i]);
		last = sorted[i].begin;
	}
	sort_items(cfront);
	add_end(cfront);
}

/* --- expansion --- */

/* Whether text stands for itself wherever it is put: one number or word, or parentheses, perhaps
 * with unary operators before it. */
static bool is_closed(const char *text)
{
	unsigned depth = 0;
	bool ended = false;

	text += strspn(text, "~! ");
	for (; *text; text++) {
		if (*text == '(') {
			if (depth++ == 0 && ended)
				return false;
		} else if (*text == ')') {
			ended = --depth == 0;
		} else if (depth == 0 &&
			   (ended || !(isalnum((unsigned char)*text) || *text == '_'))) {
			return false;
		}
	}
	return true;
}

/* 0b101, which C has and the language has not. */
static bool is_binary_number(const char *text)
{
	return text[0] == '0' && (text[1] == 'b' || text[1] == 'B');
}

/* Literals that are next to each other are one; the compiler separates tokens by one blank. */
static void append_joined(struct str *out, const char *text)
{
	bool quoted = false;

	for (; *text; text++) {
		if (*text == '\\' && quoted && text[1]) {
			str_append_char(out, *text++);
		} else if (*text == '"') {
			const char *next = text + 1 + strspn(text + 1, " ");

			if (quoted && *next == '"') {
				text = next;
				continue;
			}
			quoted = !quoted;
		}
		str_append_char(out, *text);
	}
}

/* After "." and "->" only a name can follow. */
static bool is_member(const struct cfront *cfront, const struct c_item *item)
{
	const char *text = cfront->c->diags->sources.items[cfront->c->source].text;
	uint32_t at = item->span.begin;

	while (at > 0 && isspace((unsigned char)text[at - 1]))
		at--;
	if (at > 0 && text[at - 1] == '.')
		return at < 2 || text[at - 2] != '.';
	return at > 1 && text[at - 1] == '>' && text[at - 2] == '-';
}

/* What a word is replaced by and where that ends. */
struct replacement {
	const char *text; /* NULL: nothing is replaced */
	uint32_t end;
	bool is_value;
};

/* Without _Pragma("…"), which means nothing to the language. */
static const char *without_pragmas(const struct cfront *cfront, const char *text)
{
	static const char word[] = "_Pragma";
	_cleanup_str_ struct str rest = STR_INIT;
	const char *found = text ? strstr(text, word) : NULL;

	if (!found)
		return text;
	for (; found; found = strstr(text, word)) {
		const char *end = found + strlen(word);

		end += strspn(end, " (");
		if (*end == '"')
			for (end++; *end && *end != '"'; end++)
				end += *end == '\\' && end[1];
		str_append_bytes(&rest, text, (size_t)(found - text));
		text = end + (*end == '"');
		text += strspn(text, " )");
	}
	str_append(&rest, text);
	return arena_strdup(cfront->c->arena, str_text(&rest));
}

static struct replacement replacement_of(const struct cfront *cfront, const struct c_item *item)
{
	const char *word = word_of(cfront, item);
	bool is_same = item->expansion && strcmp(item->expansion, word) == 0;
	bool is_call = is_same && item->call && strncmp(item->call, word, strlen(word)) != 0;
	const char *text = without_pragmas(cfront, is_call ? item->call : item->expansion);
	const char *value = is_call ? item->call_value : item->value;
	struct replacement replacement = {.end = is_call ? item->call_end : item->span.end};

	if (!text || (is_same && !is_call))
		return replacement;
	if (is_member(cfront, item)) {
		replacement.text = isalpha((unsigned char)*text) || *text == '_' ? text : NULL;
		return replacement;
	}
	replacement.is_value =
		value && is_closed(text) && (strpbrk(text, "(~!") || is_binary_number(text));
	replacement.text = replacement.is_value ? value : text;
	return replacement;
}

static void add_piece(struct expanded *expanded, uint32_t begin, uint32_t end, bool is_copy)
{
	vec_push(&expanded->pieces, ((struct expanded_piece){
					    .at = (uint32_t)expanded->text.length,
					    .begin = begin,
					    .end = end,
					    .is_copy = is_copy,
				    }));
}

static void copy(
	const struct cfront *cfront, struct expanded *expanded, uint32_t begin, uint32_t end)
{
	const char *text = cfront->c->diags->sources.items[cfront->c->source].text;

	if (begin >= end)
		return;
	add_piece(expanded, begin, end, true);
	str_append_bytes(&expanded->text, text + begin, end - begin);
}

/* A word that is a macro and stays, since it is a function's without arguments or expands to
 * itself. */
static void explain_same(const struct cfront *cfront, const struct c_item *item)
{
	const char *word = word_of(cfront, item);
	const struct c_definition *definition = hashmap_text_get(&cfront->definitions, word);
	const char *text = cfront->c->diags->sources.items[cfront->c->source].text;

	if (!item->expansion || !definition || !definition->is_here)
		return;
	diags_explain(cfront->c->diags, item->span, &definition->span,
		text[definition->span.end] == '(' ? "%s is a macro with parameters"
						  : "%s is a macro, which expands to itself",
		word);
}

static void explain(const struct cfront *cfront, const struct c_item *item,
	const struct replacement *replacement)
{
	struct span span = {item->span.source, item->span.begin, replacement->end};

	const char *word = word_of(cfront, item);
	const struct c_definition *definition = hashmap_text_get(&cfront->definitions, word);
	const char *where = definition && definition->where ? definition->where : "";

	diags_explain(cfront->c->diags, span,
		definition && definition->is_here ? &definition->span : NULL,
		"%s is a macro%s%s, which expands to %s", word, *where ? " of " : "", where,
		replacement->text);
}

/* One item at the position up to which the script is done. */
static uint32_t expand_item(const struct cfront *cfront, struct expanded *expanded,
	const struct c_item *item, uint32_t done)
{
	struct replacement replacement = {};
	bool is_dead = item->kind == C_MARK && !item->is_alive;

	if (item->kind == C_END || item->kind == C_INCLUDE || item->span.begin < done)
		return done;
	if (item->kind == C_USE)
		replacement = replacement_of(cfront, item);
	else if (item->kind != C_MARK || is_dead)
		replacement = (struct replacement){.text = "\n", .end = item->span.end};
	if (!replacement.text) {
		explain_same(cfront, item);
		return done;
	}
	copy(cfront, expanded, done, item->span.begin);
	add_piece(expanded, item->span.begin, replacement.end, false);
	append_joined(&expanded->text, replacement.text);
	if (item->kind == C_USE)
		explain(cfront, item, &replacement);
	return replacement.end;
}

void macros_expand(struct cfront *cfront, struct expanded *ret)
{
	const struct source *source = &cfront->c->diags->sources.items[cfront->c->source];
	const struct c_item *item;
	uint32_t done = 0;

	vec_for_each (&cfront->items, item)
		done = expand_item(cfront, ret, item, done);
	copy(cfront, ret, done, (uint32_t)source->length);
	add_piece(ret, (uint32_t)source->length, (uint32_t)source->length, true);
}

void expanded_deinit(struct expanded *expanded)
{
	str_deinit(&expanded->text);
	vec_deinit(&expanded->pieces);
}

/* The piece with a position of the text. */
static const struct expanded_piece *piece_at(const struct expanded *expanded, uint32_t position)
{
	size_t low = 0, high = expanded->pieces.count;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (expanded->pieces.items[middle].at <= position)
			low = middle;
		else
			high = middle;
	}
	return &expanded->pieces.items[low];
}

struct span expanded_origin(const struct expanded *expanded, struct span span)
{
	const struct expanded_piece *first = piece_at(expanded, span.begin);
	const struct expanded_piece *last =
		piece_at(expanded, span.end > span.begin ? span.end - 1 : span.begin);
	uint32_t begin = first->is_copy ? first->begin + (span.begin - first->at) : first->begin;
	uint32_t end = last->is_copy ? last->begin + (span.end - last->at) : last->end;

	return (struct span){span.source, begin, MAX(begin, end)};
}
