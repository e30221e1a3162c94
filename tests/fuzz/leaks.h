/* SPDX-License-Identifier: Apache-2.0 */
/* For targets that hand damaged files to libdw and libelf: what these forget of them is not ours to
 * free. */
#pragma once

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libdw\nleak:libelf\n";
}
