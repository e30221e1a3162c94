/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a compilation that met what cannot happen: a mistake in this program, never in the
 * script. Says so and aborts, so that the place can be found.
 */
#pragma once

#include "libcommon/base/attributes.h"

_noreturn_ void defect(const char *format, ...) _printf_(1, 2);
