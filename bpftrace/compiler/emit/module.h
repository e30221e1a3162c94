/* SPDX-License-Identifier: Apache-2.0 */
/* What the object writer must know of the module's symbols. */
#pragma once

enum {
	MODULE_MAP_BYTES =
		48, /* of each symbol in .maps: room for the pointers libbpf reads as BTF */
};
