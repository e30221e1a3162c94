/* SPDX-License-Identifier: Apache-2.0 */
/* Live BPF maps and programs for tests: programs of a few instructions that send what they are run
 * with. Functions fail the test when the kernel refuses, except bpf_fixture_possible. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether this process may use BPF here; a test that finds it may not skips. */
bool bpf_fixture_possible(void);

int bpf_fixture_ring(uint32_t size);

/* Sends a record of the given number of words, its arguments. Returns 1 when there was no room. */
int bpf_fixture_sender(int ring, uint32_t words);

/* Sends {argument 0, position of the data ring, argument 1} as control records do. */
int bpf_fixture_control_sender(int data_ring, int control_ring);

/* Sends that many records like the sender's, all the same. Returns how many did not fit. */
int bpf_fixture_flood(int ring, uint32_t words, uint32_t records);

/* Runs a program once, on this CPU, and returns its result. */
uint32_t bpf_fixture_run(int program, const uint64_t *arguments, size_t count);
