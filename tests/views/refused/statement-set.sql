-- refused: `SET` is none
SET datafusion.execution.batch_size = 1
