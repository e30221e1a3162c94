/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context of such programs is an array of 64-bit words: the arguments, of which a struct takes
 * as many words as it is long, then the return value where there is one. The struct behind `args`
 * is laid out like it.
 */
#include "signature.h"

#include "libcommon/host/kbtf.h"

enum {
	WORD = 8,
	ARGUMENTS_MAX = 12, /* MAX_BPF_FUNC_ARGS of the kernel */
};

struct layout {
	struct types_member members[ARGUMENTS_MAX + 1];
	size_t count;
	uint32_t words;
};

const struct btf_type *signature_prototype(const struct btf *btf, uint32_t function)
{
	return btf__type_by_id(btf, btf__type_by_id(btf, function)->type);
}

static const char *parameter_name(
	const struct signature *signature, uint32_t index, struct arena *arena)
{
	const struct btf_param *param = &btf_params(signature->prototype)[index];
	const char *name = btf__name_by_offset(signature->btf, param->name_off);

	return name && *name ? name : arena_printf(arena, "arg%u", index - signature->first);
}

static uint32_t result_type(const struct signature *signature)
{
	return signature->has_result ? signature->prototype->type : 0;
}

static void add_word(struct layout *layout, struct types *types, const struct btf *btf,
	const char *name, uint32_t type)
{
	if (layout->count == ARRAY_SIZE(layout->members))
		return;
	layout->members[layout->count++] = (struct types_member){
		.name = name,
		.type = types_import(types, btf, type),
		.bit_offset = layout->words * WORD * 8,
	};
	layout->words += kbtf_words(btf, type);
}

uint32_t signature_args(const struct signature *signature, const char *name, struct types *types)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const struct btf_param *params = btf_params(signature->prototype);
	struct layout layout = {};

	for (uint32_t i = signature->first; i < btf_vlen(signature->prototype); i++)
		add_word(&layout, types, signature->btf, parameter_name(signature, i, &arena),
			params[i].type);
	if (result_type(signature))
		add_word(&layout, types, signature->btf, "retval", result_type(signature));
	return types_layout(types, name, layout.members, layout.count, layout.words * WORD);
}

static struct error *declare_one(const struct signature *signature, struct kbtf *kbtf,
	uint32_t type, const char *name, struct str *out)
{
	str_append(out, "    ");

	struct error *error = kbtf_declare(kbtf, signature->btf, type, name, out);

	str_append_char(out, '\n');
	return error;
}

struct error *signature_declare(
	const struct signature *signature, struct kbtf *kbtf, struct str *out)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const struct btf_param *params = btf_params(signature->prototype);
	struct error *error = NULL;

	for (uint32_t i = signature->first; i < btf_vlen(signature->prototype) && !error; i++)
		error = declare_one(
			signature, kbtf, params[i].type, parameter_name(signature, i, &arena), out);
	if (!error && result_type(signature))
		error = declare_one(signature, kbtf, result_type(signature), "retval", out);
	return error;
}
