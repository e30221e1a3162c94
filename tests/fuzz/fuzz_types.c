/* SPDX-License-Identifier: Apache-2.0 */
/* The input is BTF from an unknown hand; each of its types is shown as bpftrace-list does. */
#include "tests/fuzz/fuzz.h"

#include <bpf/libbpf.h>

#include "bpftrace-list/declaration.h"
#include "bpftrace-list/layout.h"
#include "libcommon/host/btf_check.h"

static void show(const struct btf *btf, uint32_t id)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_(layout_deinit) struct layout layout = {};
	_cleanup_(declarator_deinit) struct declarator declarator = declarator_make(btf);
	struct error *error = layout_make(&declarator, id, &arena, &layout);

	if (!error && layout.lines.count > 0) {
		layout_write(&layout, &text);
		layout_write_plain(&layout, &text);
	} else if (!error) {
		error = declaration_write(&declarator, id, &text);
	}
	require(error || text.length > 0);
	error_free(error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	libbpf_set_print(NULL);

	struct btf *btf = btf__new(data, (uint32_t)size);

	if (!btf)
		return 0;

	struct error *error = btf_check(btf);

	for (uint32_t id = 1; !error && id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		if ((btf_is_composite(type) || btf_is_any_enum(type) || btf_is_typedef(type)) &&
			type->name_off)
			show(btf, id);
	}
	error_free(error);
	btf__free(btf);
	return 0;
}
