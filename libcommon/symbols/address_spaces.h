/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What processes have mapped for execution, now and at earlier moments: addresses can be looked up
 * after the process has unmapped them, called execve(2), or exited. Times are nanoseconds of one
 * clock, which the caller chooses.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_spaces;

struct mapping {
	uint64_t start, end; /* addresses, the end is exclusive */
	uint64_t offset;     /* of start, in the file */
	uint64_t since;      /* time */
	uint32_t image;      /* what is mapped: a number of the caller's */
};

/*
 * At most so many mappings are kept: of processes that have exited, the oldest go first. One
 * process keeps some thousand, and what it replaced for seconds. The oldest of what it mapped most
 * often go first.
 */
struct address_spaces *address_spaces_new(size_t most);
void address_spaces_free(struct address_spaces *spaces); /* NULL-safe */

/* A process begins with what its parent has mapped. */
void address_spaces_fork(struct address_spaces *spaces, int32_t pid, int32_t parent, uint64_t time);

/* A process begins with nothing mapped. */
void address_spaces_exec(struct address_spaces *spaces, int32_t pid, uint64_t time);

void address_spaces_exit(struct address_spaces *spaces, int32_t pid, uint64_t time);

/* Adds what the process has mapped from mapping->since on, in place of what was there. */
void address_spaces_map(struct address_spaces *spaces, int32_t pid, const struct mapping *mapping);

/*
 * What the process had mapped at an address at that time. Where that is not known, as the mapping
 * was seen later only, what it mapped there first, or else before its last execve(2).
 */
bool address_spaces_find(const struct address_spaces *spaces, int32_t pid, uint64_t time,
	uint64_t address, struct mapping *ret);

/* Whether anything is known about the process at that time. */
bool address_spaces_knows(const struct address_spaces *spaces, int32_t pid, uint64_t time);

/* How many processes that had exited, and mappings of others, were dropped to keep the limits. */
uint64_t address_spaces_dropped(const struct address_spaces *spaces);

/* How many mappings and processes are kept. */
size_t address_spaces_size(const struct address_spaces *spaces);
