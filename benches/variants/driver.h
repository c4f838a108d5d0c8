/* Makes the data of all tasks; returns 0 if something failed. */
int driver_prepare(void);
/* Each does its task once, and returns 0 if it failed. */
int driver_deflate(void);
int driver_inflate(void);
int driver_crc32(void);
int driver_adler32(void);
int driver_decode(void);
int driver_encode(void);
