/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about the module's symbols, for the object writer. */
#pragma once

enum {
	MODULE_MAP_BYTES =
		48, /* of each symbol in .maps: room for the pointers libbpf reads as BTF */
};
