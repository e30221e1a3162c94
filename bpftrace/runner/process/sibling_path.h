/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Returns the path of another program of this project: in the build tree at place (as
 * "compiler/bpftrace-compile", counted from the folder above the runner's own), else where it was
 * installed. The caller frees it.
 */
char *sibling_path(const char *place, const char *installed);
