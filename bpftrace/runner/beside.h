/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The path of another program of the family: in the build tree at place (as
 * "compiler/bpftrace-compile", counted from the folder above the runner's own), else where it was
 * installed. The caller frees it.
 */
char *beside(const char *place, const char *installed);
