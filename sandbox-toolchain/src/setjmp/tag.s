# The tag of the exception that longjmp throws; its payload is the address of the arguments.
# LLVM 21 and later leave it undefined in every object, earlier releases define it weakly in each, so one definition suits both.
# https://github.com/WebAssembly/tool-conventions/blob/main/SetjmpLongjmp.md
	.globl	__c_longjmp
	.tagtype	__c_longjmp i32
__c_longjmp:
