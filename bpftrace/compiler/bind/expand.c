/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From attach points to units. All that a block's attach points match is sorted into groups that
 * one program can serve: same kind of context, same way to attach, and the same struct behind
 * `args` where the block uses it. The block is cloned for each group but the first; the clones take
 * its place in the tree, so that later passes see one block per program. Groups keep the order in
 * which their first match was found.
 */
#include "bind.h"

#include <errno.h>
#include <regex.h>
#include <string.h>

#include "bpftrace/compiler/ast/lookalike.h"
#include "context.h"
#include "libcommon/host/feature.h"
#include "typename.h"

/* An attach point that exists nowhere. */
struct missing {
	const struct attach_point *point;
	const char *message;
	const char *hint; /* or NULL */
};

struct expansion {
	struct compilation *c;
	struct probe_world world;
	struct probe *probe; /* the block at hand */
	unsigned uses;    /* what the block uses: BUILTIN_USES_…, among other flags of builtins */
	bool names_types; /* other than basic ones: the program that a match is in may have them */
	size_t first;     /* of its units in c->units */
	struct hashmap seen; /* names of its matches */
	regex_t filter;      /* of --probe-filter, where that is given */
	VEC(struct missing) missing;
	size_t refused;      /* members of the wildcard at hand that cannot be probed */
	size_t unreadable;   /* … or whose arguments are not known */
	const char *refusal; /* why one of them cannot */
	struct span widest;  /* the attach point with the most matches */
	const char *widest_text;
	size_t widest_matches;
};

/* --- what a block uses --- */

static void note_name(struct expansion *expansion, const char *name)
{
	const struct builtin *builtin = builtin_find(expansion->c, name, NULL);

	expansion->uses |= builtin ? builtin->flags : 0;
}

static void note_type(struct expansion *expansion, const struct type *type)
{
	struct slice name = {type->name, type->name ? strlen(type->name) : 0};

	if (name.begin && (type->keyword || !typename_basic(expansion->c, name)))
		expansion->names_types = true;
}

/* Names are not resolved yet, but no other thing can have the name of a builtin, except members. */
static bool note_use(struct node *node, void *context)
{
	switch (node->kind) {
	case NODE_IDENTIFIER: note_name(context, node_identifier(node)->name); break;
	case NODE_CALL: note_name(context, node_call(node)->name); break;
	case NODE_TYPE: note_type(context, node_type(node)); break;
	case NODE_OFFSETOF:
		node_walk(node_offset_of(node)->operand, note_use, context);
		return false;
	default: break;
	}
	return true;
}

static bool uses(const struct expansion *expansion, unsigned what)
{
	return expansion->uses & what;
}

static void note_uses(struct expansion *expansion)
{
	expansion->uses = 0;
	expansion->names_types = false;
	if (expansion->probe->filter)
		node_walk(expansion->probe->filter, note_use, expansion);
	if (expansion->probe->body)
		node_walk(expansion->probe->body, note_use, expansion);
}

/* --- groups --- */

/* Whether the program can find out which of several matches fired. */
static bool can_distinguish(const struct compilation *c, enum attach_kind attach)
{
	switch (attach_descs[attach].match) {
	case MATCH_ALONE: return false;
	case MATCH_BY_COOKIE: return c->request->features & FEATURE_BIT(FEATURE_ATTACH_COOKIE);
	case MATCH_BY_SYSCALL:
	case MATCH_BY_PROGRAM: return true;
	}
	return false;
}

static bool same_program(const struct probe_match *a, const struct probe_match *b)
{
	return strcmp(a->target, b->target) == 0 && a->process == b->process;
}

static bool fits_unit(const struct expansion *expansion, const struct unit *unit,
	const struct probe_match *match, uint32_t args)
{
	const struct probe_match *first = unit->matches.items;

	/* only the unit distinguishes events of all
	 * system calls from those of single ones */
	return unit->context == match->context && first->attach == match->attach &&
	       first->compat == match->compat && unit->args == args &&
	       (!uses(expansion, BUILTIN_USES_VALUES | BUILTIN_USES_ARGS) ||
		       operands_equal(first->operands, match->operands)) &&
	       !uses(expansion, BUILTIN_USES_FILE) &&
	       (!uses(expansion, BUILTIN_USES_TYPE) || first->type == match->type) &&
	       (!expansion->names_types || !match->type->locate || same_program(first, match)) &&
	       (!uses(expansion, BUILTIN_USES_PROBE) ||
		       can_distinguish(expansion->c, match->attach));
}

static struct unit *add_unit(
	struct expansion *expansion, const struct probe_match *match, uint32_t args)
{
	struct compilation *c = expansion->c;
	struct unit *unit = arena_new(c->arena, struct unit);
	bool is_first = c->units.count == expansion->first;

	unit->index = (uint32_t)c->units.count;
	unit->probe = expansion->probe;
	if (!is_first)
		unit->probe = node_probe(node_clone(c->arena, &expansion->probe->node));
	unit->context = match->context;
	unit->args = args;
	unit->uses_probe = uses(expansion, BUILTIN_USES_PROBE);
	vec_push(&c->units, unit);
	return unit;
}

/* A place that another attach point of the block has named comes once. */
static bool is_new(struct expansion *expansion, const struct probe_match *match)
{
	const char *key = match->name;

	/* Of these one type has two names. */
	if (attach_descs[match->attach].match == MATCH_BY_PROGRAM)
		key = arena_printf(expansion->c->arena, "%s %s:%s",
			attach_descs[match->attach].name, match->target, match->event);
	if (match->location)
		key = arena_printf(expansion->c->arena, "%s %u", match->name, match->location);

	void **seen = hashmap_text_slot(&expansion->seen, key);
	bool first = *seen == NULL;

	*seen = expansion;
	return first;
}

/* What runs once is never filtered out. */
static bool is_wanted(const struct expansion *expansion, const struct probe_match *match)
{
	return !expansion->c->request->probe_filter || attach_has(match->attach, RUNS_ONCE) ||
	       regexec(&expansion->filter, match->name, 0, NULL, 0) == 0;
}

/* Whether types of arguments must be read: for `args`, and for values at returns whose result has a
 * known type. */
static bool needs_arguments(const struct expansion *expansion, const struct probe_match *match)
{
	bool is_typed_return = match->context == CONTEXT_FEXIT ||
			       (match->context == CONTEXT_REGS_RETURN && match->type->locate);

	return uses(expansion, BUILTIN_USES_ARGS) ||
	       (uses(expansion, BUILTIN_USES_VALUES) && is_typed_return);
}

/* Why the result of a function cannot be read; NULL when it can, or is not known. */
static const char *why_no_result(const struct expansion *expansion, const struct probe_match *match)
{
	const struct operands *operands = match->operands;

	if (match->context != CONTEXT_REGS_RETURN || !operands || operands->count == 0 ||
		operands->items[0].kind != OPERAND_OTHER)
		return NULL;
	return arena_printf(expansion->c->arena, "what %s returns is %s", match->function,
		operands->items[0].why);
}

/* False for a member of a wildcard that lacks what the block uses. Of a return without debug
 * information the result is a number. */
static bool find_arguments(struct expansion *expansion, const struct attach_point *point,
	struct probe_match *match, uint32_t *ret)
{
	struct compilation *c = expansion->c;

	if (!needs_arguments(expansion, match))
		return true;

	_cleanup_error_ struct error *error = context_arguments(c, &expansion->world, match, ret);
	const char *refusal =
		error ? arena_strdup(c->arena, error->message) : why_no_result(expansion, match);

	if (!refusal ||
		(error && error->number == ENODATA && match->context == CONTEXT_REGS_RETURN))
		return true;
	if (match->optional && match->type->locate) {
		expansion->refusal = refusal;
		return false;
	}
	if (error) {
		diag_error(c->diags, point->node.span, "%s", error->message);
		diag_one_cause(c->diags);
		if (error->number == ENODATA && match->type->locate)
			diag_hint(c->diags, "build it with -g, install its debug symbols, or use "
					    "arg0, arg1 …");
	}
	return true;
}

static void add_match(
	struct expansion *expansion, const struct attach_point *point, struct probe_match *match)
{
	struct compilation *c = expansion->c;
	struct unit *unit = NULL;
	uint32_t args = 0;

	if (!is_new(expansion, match) || !is_wanted(expansion, match))
		return;
	if (match->refusal) {
		expansion->refused++;
		expansion->refusal = match->refusal;
		return;
	}
	if (!find_arguments(expansion, point, match, &args)) {
		expansion->refused++;
		expansion->unreadable++;
		return;
	}
	for (size_t i = expansion->first; i < c->units.count && !unit; i++) {
		if (fits_unit(expansion, c->units.items[i], match, args))
			unit = c->units.items[i];
	}
	if (!unit)
		unit = add_unit(expansion, match, args);
	vec_push(&unit->matches, *match);
	vec_push(&unit->spans, point->node.span);
	c->attach_points += match->location == 0;
}

/* --- attach points --- */

/* At a character that looks like another one, else at the name that was meant. */
static void hint_at(struct compilation *c, const struct attach_point *point, const char *name)
{
	_cleanup_str_ struct str lookalike = STR_INIT;

	if (lookalike_find(point->text, &lookalike))
		diag_hint(c->diags, "it contains %s", str_text(&lookalike));
	else if (name)
		diag_hint(c->diags, "did you mean '%s'?", name);
}

static void note_missing(struct expansion *expansion, const struct attach_point *point,
	const char *message, const char *hint)
{
	vec_push(&expansion->missing, ((struct missing){point, message, hint}));
}

/* Several in one warning: scripts name a function by all the names that it has had, most of which
 * are missing anywhere. */
static void warn_missing_probes(struct expansion *expansion)
{
	const struct missing *first = expansion->missing.items, *missing;
	const char *names = "";

	vec_for_each (&expansion->missing, missing)
		names = arena_printf(expansion->c->arena, "%s%s%s", names, *names ? ", " : "",
			missing->point->text);
	if (expansion->missing.count == 1)
		diag_warning(expansion->c->diags, first->point->node.span, "%s", first->message);
	else
		diag_warning(expansion->c->diags, first->point->node.span,
			"%zu of the block's %zu probes do not exist: %s", expansion->missing.count,
			node_count(expansion->probe->attach_points), names);
}

static void report_each(struct expansion *expansion, bool fails)
{
	struct diags *diags = expansion->c->diags;
	const struct missing *missing;

	vec_for_each (&expansion->missing, missing) {
		if (fails)
			diag_error(diags, missing->point->node.span, "%s", missing->message);
		else
			diag_warning(diags, missing->point->node.span, "%s", missing->message);
		diag_one_cause(diags);
		hint_at(expansion->c, missing->point, missing->hint);
	}
}

/* A probe that does not exist is reported as the setting missing_probes demands; without the
 * setting it is an error unless another one of the block exists. */
static void report_missing(struct expansion *expansion)
{
	const char *setting = expansion->c->settings.missing_probes;

	if (!expansion->missing.count)
		return;
	if (!*setting && expansion->c->units.count > expansion->first)
		warn_missing_probes(expansion);
	else if (strcmp(setting, "ignore") != 0)
		report_each(expansion, strcmp(setting, "warn") != 0);
	vec_deinit(&expansion->missing);
}

static void report_error(struct expansion *expansion, const struct attach_point *point,
	const struct error *error, const struct suggestion *suggestion)
{
	struct compilation *c = expansion->c;

	if (error->number == ENOENT) {
		note_missing(
			expansion, point, arena_strdup(c->arena, error->message), suggestion->best);
		return;
	}
	diag_error(c->diags, point->node.span, "%s", error->message);
	diag_one_cause(c->diags);
	hint_at(c, point, suggestion->best);
}

/* Members of a wildcard that cannot be probed are skipped; -v lists how many. Of those whose
 * arguments are not known, which could be probed without, the number is always reported. */
static void report_refused(
	struct expansion *expansion, const struct attach_point *point, size_t matches)
{
	struct compilation *c = expansion->c;

	if (expansion->refused == matches)
		note_missing(expansion, point,
			arena_printf(c->arena, "nothing that %s matches can be probed: %s",
				point->text, expansion->refusal),
			NULL);
	else if (c->request->verbose || expansion->unreadable)
		diag_warning(c->diags, point->node.span,
			"skipped %zu of the %zu matches of %s, for example because %s",
			expansion->refused, matches, point->text, expansion->refusal);
}

static void report_note(
	const struct expansion *expansion, const struct attach_point *point, const char *note)
{
	struct compilation *c = expansion->c;

	if (note && c->request->verbose)
		diag_warning(c->diags, point->node.span, "%s", note);
}

static void expand_point(struct expansion *expansion, struct attach_point *point)
{
	struct compilation *c = expansion->c;
	struct suggestion suggestion = suggest_start("");
	struct span span = point->node.span;
	struct probe_spec spec;
	probe_matches matches = {};
	struct probe_match *match;
	_cleanup_error_ struct error *error = spec_parse(c->arena, point->text, &spec);

	if (error) {
		diag_error(c->diags, span, "%s", error->message);
		hint_at(c, point, NULL);
		return;
	}
	error = probe_match(&expansion->world, &spec, c->arena, &suggestion, &matches);
	if (error) {
		report_error(expansion, point, error, &suggestion);
	} else if (!matches.count) {
		note_missing(expansion, point,
			arena_printf(c->arena, "no probe matches %s", point->text),
			suggestion.best);
	}
	if (matches.count > expansion->widest_matches) {
		expansion->widest = span;
		expansion->widest_text = point->text;
		expansion->widest_matches = matches.count;
	}
	expansion->refused = expansion->unreadable = 0;
	vec_for_each (&matches, match)
		add_match(expansion, point, match);
	if (expansion->refused)
		report_refused(expansion, point, matches.count);
	if (matches.count)
		report_note(expansion, point, matches.items[0].note);
	vec_deinit(&matches);
}

/* --- the block, the script --- */

static void expand_block(struct expansion *expansion, struct probe *probe)
{
	struct compilation *c = expansion->c;
	struct node *point;

	expansion->probe = probe;
	expansion->first = c->units.count;
	note_uses(expansion);
	node_for_each (probe->attach_points, point)
		expand_point(expansion, node_attach_point(point));
	hashmap_deinit(&expansion->seen);
	report_missing(expansion);
	context_settle_results(c, expansion->first);

	for (size_t i = expansion->first; i < c->units.count; i++) {
		struct unit *unit = c->units.items[i];

		unit->uses_cookie =
			unit->uses_probe && unit->matches.count > 1 &&
			attach_descs[unit->matches.items[0].attach].match == MATCH_BY_COOKIE;
	}
}

static void check_limits(struct expansion *expansion)
{
	struct compilation *c = expansion->c;
	const struct settings *settings = &c->settings;

	if (expansion->widest_matches > settings->max_probes)
		diag_error(c->diags, expansion->widest, "%s matches %zu probes, the limit is %lu",
			expansion->widest_text, expansion->widest_matches,
			(unsigned long)settings->max_probes);
	else if (c->attach_points > settings->max_probes)
		diag_error(c->diags, expansion->widest,
			"the script matches %zu probes in all, the limit is %lu", c->attach_points,
			(unsigned long)settings->max_probes);
	else if (c->units.count > settings->max_bpf_progs)
		diag_error(c->diags, expansion->widest,
			"the script needs %zu programs, the limit is %lu", c->units.count,
			(unsigned long)settings->max_bpf_progs);
	else
		return;
	if (c->attach_points > settings->max_probes)
		diag_hint(c->diags, "raise it by the environment variable BPFTRACE_MAX_PROBES, or "
				    "max_probes in "
				    "the config block");
	else
		diag_hint(c->diags,
			"raise it by the environment variable BPFTRACE_MAX_BPF_PROGS, or "
			"max_bpf_progs in the config block");
}

/* The units' blocks take the place of the script's. */
static void replace_blocks(struct compilation *c)
{
	struct node **slot = &c->program->probes;
	struct unit **unit;

	vec_for_each (&c->units, unit) {
		*slot = &(*unit)->probe->node;
		slot = &(*slot)->next;
	}
	*slot = NULL;
}

void expand_probes(struct compilation *c)
{
	struct expansion expansion = {
		.c = c,
		.world = context_world(c),
		.seen = HASHMAP_INIT,
	};
	struct node *probe = c->program->probes, *next;
	const char *filter = c->request->probe_filter;

	/* The runner has checked it. */
	if (filter && regcomp(&expansion.filter, filter, REG_EXTENDED | REG_NOSUB) != 0) {
		diag_error(c->diags, c->program->node.span,
			"'%s' is no regular expression of probes", filter);
		return;
	}
	for (; probe; probe = next) {
		next = probe->next;
		expand_block(&expansion, node_probe(probe));
	}
	if (!c->units.count && !c->diags->errors)
		diag_error(c->diags, c->program->node.span, "No probes to attach");
	else
		check_limits(&expansion);
	if (filter)
		regfree(&expansion.filter);
	replace_blocks(c);
}
