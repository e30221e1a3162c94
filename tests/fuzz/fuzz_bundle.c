/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a saved bundle; every type of one that is accepted can be looked at. */
#include "tests/fuzz/fuzz.h"

#include <bpf/libbpf.h>

#include "bpftrace/door/bundle.h"

static void look_at(const struct types *types, uint32_t type)
{
	_cleanup_str_ struct str out = STR_INIT;
	uint32_t count = 0;

	types_spell(types, type, &out);
	require(types_align(types, type) > 0);
	switch (types_class(types, type)) {
	case TYPE_ARRAY:
	case TYPE_STRING: types_element(types, type, &count); break;
	case TYPE_STRUCT:
	case TYPE_UNION:
	case TYPE_TUPLE:
		for (uint32_t i = 0; i < types_member_count(types, type); i++) {
			struct types_member member = types_member_at(types, type, i);

			require(member.bit_offset / 8 <= types_size(types, type));
		}
		break;
	default: break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(bundle_deinit) struct bundle bundle = {};

	libbpf_set_print(NULL);

	_cleanup_error_ struct error *error = bundle_read(data, size, &arena, &bundle);

	if (error)
		return 0;
	for (uint32_t type = 1; type < btf__type_cnt(types_btf(bundle.types)); type++)
		look_at(bundle.types, type);
	error = bundle_check_helpers(&bundle, false);
	return 0;
}
