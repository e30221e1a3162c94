/* SPDX-License-Identifier: Apache-2.0 */
/* A program with code of two sources: each statement keeps the one that it is of, up to the
 * manifest. */
#include "tests/unit/unit.h"

#include "bpftrace/compiler/ast/parse.h"
#include "bpftrace/compiler/bind/bind.h"
#include "bpftrace/compiler/builtin/builtin_table.h"
#include "bpftrace/compiler/emit/emit.h"
#include "bpftrace/door/bundle.h"
#include "tests/unit/free_emitter.h"
#include "tests/unit/tree.h"

static const char script[] = "BEGIN { @a = 1; }";
static const char library[] = "\n\nEND { @b = 2; exit(); }";

struct fixture {
	struct tree tree;
	struct arena arena;
	struct diags diags;
	struct request request;
	struct compilation c;
};

static struct node *body_of(struct program *program)
{
	return node_probe(program->probes)->body;
}

/* The statements of the library follow those of the script in its block. */
static void parse_both(struct compilation *c)
{
	uint32_t source = diags_add_source(c->diags, "lib.bt", library, strlen(library));
	struct node *last = body_of(c->program = parse(c->arena, c->diags, c->source));

	last = node_block(last)->statements;
	last->next = node_block(body_of(parse(c->arena, c->diags, source)))->statements;
}

static void compile(struct fixture *fixture)
{
	struct compilation *c = &fixture->c;

	fixture->tree = tree_make();
	fixture->request = request_init();
	fixture->request.name = "main.bt";
	fixture->request.text = script;
	fixture->request.length = strlen(script);
	fixture->request.root = fixture->tree.path;
	fixture->request.answer = ANSWER_IR;
	assert_success(compilation_init(&fixture->request, &fixture->arena, &fixture->diags, c));
	c->builtins = builtin_table;
	c->builtin_count = builtin_table_count;
	parse_both(c);
	expand_probes(c);
	scope_resolve(c);
	infer_types(c);
	emit_plan(c);
	emit_module(c);
	assert_int_equal(fixture->diags.errors, 0);
}

static void release(struct fixture *fixture)
{
	free_emitter(fixture->c.emitter);
	compilation_deinit(&fixture->c);
	tree_remove(&fixture->tree);
	request_deinit(&fixture->request);
	diags_deinit(&fixture->diags);
	arena_deinit(&fixture->arena);
}

static void debug_information_has_a_file_for_each(void **state _unused_)
{
	static struct fixture fixture;

	compile(&fixture);

	const char *code = str_text(&fixture.c.ir_before);

	assert_non_null(strstr(code, "DIFile(filename: \"main.bt\""));
	assert_non_null(strstr(code, "DIFile(filename: \"lib.bt\""));
	assert_non_null(strstr(code, "DILexicalBlockFile(scope: "));
	release(&fixture);
}

/* How many statements of a source there are in the manifest. */
static size_t count_statements(const struct manifest *manifest, uint32_t source)
{
	const struct manifest_statement *statement;
	size_t count = 0;

	vec_for_each (&manifest->statements, statement)
		count += statement->span.source == source;
	return count;
}

static void statements_keep_their_source(void **state _unused_)
{
	static struct fixture fixture;
	static struct bundle bundle;

	compile(&fixture);
	emit_object(&fixture.c);
	assert_success(
		bundle_read(fixture.c.bundle, fixture.c.bundle_size, &fixture.arena, &bundle));
	assert_int_equal(bundle.manifest.sources.count, 2);
	assert_string_equal(bundle.manifest.sources.items[1].name, "lib.bt");
	assert_true(count_statements(&bundle.manifest, 0) > 0);
	assert_true(count_statements(&bundle.manifest, 1) > 0);
	assert_int_equal(bundle.manifest.sites.items[0].span.source, 1);
	bundle_deinit(&bundle);
	release(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(debug_information_has_a_file_for_each),
		cmocka_unit_test(statements_keep_their_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
