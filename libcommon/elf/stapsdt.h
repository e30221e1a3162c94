/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static probes (USDT) of a program, from the notes that the macros of sys/sdt.h leave in its
 * section .note.stapsdt. Source: the page "User Space
 * Probe Implementation" of the SystemTap project.
 */
#pragma once

#include "elf.h"
#include "libcommon/base/vec.h"

/* One place of a probe. Addresses are virtual, as the program headers have them. */
struct stapsdt {
	const char *provider;
	const char *name;
	const char *arguments; /* for operands_parse */
	uint64_t address;
	uint64_t semaphore; /* of 2 bytes, counts who traces the probe; 0 when there is none */
};

typedef VEC(struct stapsdt) stapsdts;

/* Adds the places in the order of the file; texts are in arena. Notes that are broken are left out.
 */
void stapsdt_read(struct elf *elf, struct arena *arena, stapsdts *ret);
