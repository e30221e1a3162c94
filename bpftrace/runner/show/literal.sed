# SPDX-License-Identifier: Apache-2.0
# The lines of a text as a string literal of C.
s/[\\"]/\\&/g
s/.*/"&\\n"/
