/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal errors of the code generator, which no script can cause: reports one and aborts, so that
 * a core dump shows the place.
 */
#pragma once

#include "libcommon/base/attributes.h"

_noreturn_ void defect(const char *format, ...) _printf_(1, 2);
