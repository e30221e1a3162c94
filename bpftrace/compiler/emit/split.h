/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <llvm-c/Core.h>

/* Cuts the basic blocks of all functions of an optimised module into parts of bounded length. */
void split_blocks(LLVMModuleRef module, LLVMContextRef context, LLVMBuilderRef builder);
