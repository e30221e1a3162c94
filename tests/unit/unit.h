/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test starts with: cmocka and what it wants included before it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "libcommon/base/attributes.h"
#include "libcommon/base/error.h"

/* Fails with the error's own message. */
#define assert_success(call)                                                                       \
	do {                                                                                       \
		_cleanup_error_ struct error *error_ = (call);                                     \
		if (error_)                                                                        \
			fail_msg("%s: %s", #call, error_->message);                                \
	} while (0)

/* The call must fail with exactly this message. */
#define assert_failure(call, text)                                                                 \
	do {                                                                                       \
		_cleanup_error_ struct error *error_ = (call);                                     \
		assert_non_null(error_);                                                           \
		assert_string_equal(error_->message, text);                                        \
	} while (0)
