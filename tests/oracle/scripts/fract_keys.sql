-- crsql_fract_key_between, for open ends, neighbours, carries and the ends of the range.
SELECT crsql_fract_key_between(NULL, NULL);
SELECT crsql_fract_key_between('a ', NULL);
SELECT crsql_fract_key_between(NULL, 'a ');
SELECT crsql_fract_key_between('a~', NULL);
SELECT crsql_fract_key_between('b  ', NULL);
SELECT crsql_fract_key_between('a ', 'a!');
SELECT crsql_fract_key_between('a!', 'a"');
SELECT crsql_fract_key_between('a ', 'a P');
SELECT crsql_fract_key_between('a ', 'a ~');
SELECT crsql_fract_key_between('a~', 'b  ');
SELECT crsql_fract_key_between('Z~', 'a ');
SELECT crsql_fract_key_between(NULL, 'Z~');
SELECT crsql_fract_key_between('Z ', NULL);
SELECT crsql_fract_key_between(NULL, 'Z ');
SELECT crsql_fract_key_between('Y  ', NULL);
SELECT crsql_fract_key_between(NULL, 'Y  ');
SELECT crsql_fract_key_between('zzz', NULL);
SELECT crsql_fract_key_between('a', 'b');
SELECT crsql_fract_key_between('a!', 'a ');
SELECT crsql_fract_key_between('b', 'a');
SELECT crsql_fract_key_between('a P', 'a Q');
SELECT crsql_fract_key_between('a P', NULL);
SELECT crsql_fract_key_between(NULL, 'a P');
SELECT crsql_fract_key_between('a P ', NULL);
SELECT crsql_fract_key_between('A                          ', NULL);
SELECT crsql_fract_key_between(NULL, 'A                          ');
SELECT crsql_fract_key_between(NULL, 'A                         !');
SELECT crsql_fract_key_between('z~~~~~~~~~~~~~~~~~~~~~~~~~~', NULL);
SELECT crsql_fract_key_between('z~~~~~~~~~~~~~~~~~~~~~~~~~}', NULL);
SELECT crsql_fract_key_between('a !', 'a "');
SELECT crsql_fract_key_between('a !', 'a !!');
SELECT crsql_fract_key_between('a ~~~', 'a!');
SELECT crsql_fract_key_between('a"', 'a%');
SELECT crsql_fract_key_between('a!', 'a$');
SELECT crsql_fract_key_between('a ', 'a#');
SELECT crsql_fract_key_between('1', NULL);
SELECT crsql_fract_key_between('a', NULL);
SELECT crsql_fract_key_between('b ', NULL);
SELECT crsql_fract_key_between('a P', 'a');
SELECT crsql_fract_key_between(5, NULL);
SELECT crsql_fract_key_between('5', 6);
SELECT crsql_fract_key_between(2.5, NULL);
SELECT crsql_fract_key_between('a /', 'a 0');
SELECT crsql_fract_key_between('a !~', 'a "');
SELECT crsql_fract_key_between('a  ', NULL);
SELECT crsql_fract_key_between('a P', 'a~');
SELECT crsql_fract_key_between('a~', 'a~P');
SELECT crsql_fract_key_between('a~~', 'b  ');
SELECT crsql_fract_key_between('Zz', 'a ');
SELECT crsql_fract_key_between('y~~~~~~~~~~~~~~~~~~~~~~~~~', NULL);
SELECT crsql_fract_key_between('B                         ', 'a ');
SELECT crsql_fract_key_between(NULL, 'B                         ');
SELECT crsql_fract_key_between('a  P', 'a P');
SELECT crsql_fract_key_between(x'6120', NULL), typeof(crsql_fract_key_between(NULL, NULL));
SELECT crsql_fract_key_between(1);
.differs fract-errors
.reference 'a!'
.rejoin error
SELECT crsql_fract_key_between('a é', NULL);
.differs fract-errors
.reference trap
.rejoin error
SELECT crsql_fract_key_between('a ', 'a ');
.differs fract-errors
.reference trap
.rejoin error
SELECT crsql_fract_key_between('', NULL);
