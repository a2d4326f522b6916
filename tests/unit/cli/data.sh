# bittrue data: what it finds, and sets that are broken in each way.
. "$(dirname "$0")/common.sh"

# put NAME TEXT: a file of the set in sets/mnist, TEXT in printf's escapes.
put() {
  printf "$2" >"sets/mnist/$1"
}

# A set of two training images of 1 x 2 and one test image.
good() {
  put train-images-idx3-ubyte '\0\0\010\003\0\0\0\002\0\0\0\001\0\0\0\002abcd'
  put train-labels-idx1-ubyte '\0\0\010\001\0\0\0\002\000\011'
  put t10k-images-idx3-ubyte '\0\0\010\003\0\0\0\001\0\0\0\001\0\0\0\002ef'
  put t10k-labels-idx1-ubyte '\0\0\010\001\0\0\0\001\001'
}

mkdir -p sets/mnist
BITTRUE_DATA=$(pwd)/sets
export BITTRUE_DATA
good
ok data mnist
same "$out" "mnist: 2 training and 1 test images of 1 x 2 x 1, 10 classes, 9 bytes, in $BITTRUE_DATA/mnist
  channel 0 of training: mean 0.38627, std 0.00438" "a set"
ok data mnist --directory sets/mnist
ok data mnist --json
echo "$out" | grep -q '"train": 2' || wrong "no count in JSON"
gzip sets/mnist/*
ok data mnist
rm sets/mnist/*
good

put train-images-idx3-ubyte '\0\0\010\003\0\0\0\002\0\0\0\001\0\0\0\002abc'
refused "mnist/train-images-idx3-ubyte: offset 19: file cut short, expected 4 bytes of pixels, got 3" data mnist
put train-images-idx3-ubyte '\0\0\010\003\0\0\0\002\0\0\0\001\0\0\0\002abcde'
refused "mnist/train-images-idx3-ubyte: offset 20: 1 bytes too many, expected 4 bytes of pixels" data mnist
put train-images-idx3-ubyte '\0\0\010\001\0\0\0\002\0\0\0\001\0\0\0\002abcd'
refused "train-images-idx3-ubyte: offset 0: magic 0x00000801, expected 0x00000803" data mnist
good
put t10k-labels-idx1-ubyte '\0\0\010\001\0\0\0\002\001\001'
refused "t10k-labels-idx1-ubyte: offset 4: 2 labels, expected 1 as of images" data mnist
put t10k-labels-idx1-ubyte '\0\0\010\001\0\0\0\001\012'
refused "t10k-labels-idx1-ubyte: offset 8: label 10, expected 0..9" data mnist
rm sets/mnist/t10k-labels-idx1-ubyte
refused "t10k-labels-idx1-ubyte: No such file" data mnist
good
gzip sets/mnist/train-images-idx3-ubyte
head -c 30 sets/mnist/train-images-idx3-ubyte.gz >cut
mv cut sets/mnist/train-images-idx3-ubyte.gz
refused "train-images-idx3-ubyte.gz: offset 30: gzip stream cut short" data mnist

refused "set 'cifar': unknown, expected one of: fashion-mnist, mnist, cifar-10, cifar-100" data cifar
refused "nowhere/train-images-idx3-ubyte: No such file" data mnist --directory nowhere
refused "--directory: expected a SET too" data --directory sets
refused "expected one SET only" data mnist mnist
finish
