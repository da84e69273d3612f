-- A sealed contact has 2 to 6 KB. In its row it is written and read in two thirds of the time that it takes in pieces beside it.
alter table contact set (toast_tuple_target = 8160);
