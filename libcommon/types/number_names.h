/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of numbers that are the same in every run: of errors, signals and system calls. Programs
 * keep the number, or for all numbers without a name the count of names.
 */
#pragma once

#include "libcommon/host/arch.h"
#include "types.h"

/* Whether values of the type are such numbers. */
bool number_names_have(const struct types *types, uint32_t type);

/* The numbers from 0 on that may have names; the architecture matters for system calls only. */
uint32_t number_names_count(enum meaning meaning, const struct arch *arch);

/* The name of a number; of one without a name, a text that shows that. */
const char *number_names_text(enum meaning meaning, const struct arch *arch, uint64_t number);

/* Bytes that have room for each of them and its NUL. */
uint32_t number_names_size(enum meaning meaning, const struct arch *arch);
