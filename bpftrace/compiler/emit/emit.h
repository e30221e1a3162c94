/* SPDX-License-Identifier: Apache-2.0 */
/* From the typed tree to the bundle. */
#pragma once

#include "bpftrace/compiler/compilation.h"

/* Which maps, records, call sites, programs and links there are. */
void emit_plan(struct compilation *c);

/* LLVM IR of all programs. */
void emit_module(struct compilation *c);

/* The ELF object with maps, BTF and manifest: c->bundle. */
void emit_object(struct compilation *c);
