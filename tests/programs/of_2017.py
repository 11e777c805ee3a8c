import argparse
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torch.utils.data
from torch.autograd import Variable

dtype = torch.FloatTensor
N, D_in, H, D_out = 64, 100, 50, 10
x = Variable(torch.randn(N, D_in).type(dtype), requires_grad=False)
y = Variable(torch.randn(N, D_out).type(dtype), requires_grad=False)
w1 = Variable(torch.randn(D_in, H).type(dtype), requires_grad=True)
w2 = Variable(torch.randn(H, D_out).type(dtype), requires_grad=True)
lr = 1e-6
for t in range(3):
    y_pred = x.mm(w1).clamp(min=0).mm(w2)
    loss = (y_pred - y).pow(2).sum()
    print(t, loss.data[0] > 0)
    loss.backward()
    w1.data -= lr * w1.grad.data
    w2.data -= lr * w2.grad.data
    w1.grad.data.zero_()
    w2.grad.data.zero_()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d()
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)
    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = x.view(-1, 320)
        x = F.relu(self.fc1(x))
        x = F.dropout(x, training=self.training)
        x = self.fc2(x)
        return F.log_softmax(x)
parser = argparse.ArgumentParser(); parser.add_argument('--no-cuda', action='store_true', default=False)
parser.add_argument('path'); args = parser.parse_args(); args.cuda = not args.no_cuda and torch.cuda.is_available()
torch.manual_seed(1)
if args.cuda: torch.cuda.manual_seed(1)
ds = torch.utils.data.TensorDataset(torch.randn(128,1,28,28), torch.LongTensor(128).random_(10))
train_loader = torch.utils.data.DataLoader(ds, batch_size=32, shuffle=True, **({'num_workers': 1, 'pin_memory': True} if args.cuda else {}))
model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
model.train()
for batch_idx, (data, target) in enumerate(train_loader):
    data, target = Variable(data), Variable(target)
    optimizer.zero_grad()
    output = model(data)
    loss = F.nll_loss(output, target)
    loss.backward()
    optimizer.step()
    print(f'Train Epoch: {1} [{batch_idx * len(data)}/{len(train_loader.dataset)} ({100. * batch_idx / len(train_loader):.0f}%)]\tLoss: {loss.data[0]:.6f}')
model.eval()
test_loss = 0; correct = 0
for data, target in train_loader:
    data, target = Variable(data, volatile=True), Variable(target)
    output = model(data)
    assert output.volatile
    test_loss += F.nll_loss(output, target, size_average=False).data[0]
    pred = output.data.max(1, keepdim=True)[1]
    correct += pred.eq(target.data.view_as(pred)).cpu().sum()
print(f'Test: {test_loss/128:.4f}, {correct}/{128} ({100. * correct / 128:.0f}%)')
# DCGAN-like
noise = torch.FloatTensor(4, 10, 1, 1); inp = torch.FloatTensor(4, 3); label = torch.FloatTensor(4)
real = torch.randn(4,3)
inp.resize_as_(real).copy_(real); label.resize_(4).fill_(1)
noise.resize_(4, 10, 1, 1).normal_(0, 1)
def weights_init(m):
    classname = m.__class__.__name__
    if classname.find('Linear') != -1:
        m.weight.data.normal_(0.0, 0.02); m.bias.data.fill_(0)
D = nn.Sequential(nn.Linear(3,4), nn.LeakyReLU(0.2, inplace=True), nn.Linear(4,1), nn.Sigmoid()); D.apply(weights_init)
out = D(Variable(inp)); err = nn.BCELoss()(out.squeeze(1), Variable(label)); err.backward(); D_x = out.data.mean(); print('Loss_D: %.4f D(x): %.4f' % (err.data[0], D_x))
D.zero_grad()
weight = next(D.parameters()).data
h = Variable(weight.new(2, 4, 5).zero_()); print(h.size())
volatile_noise = Variable(noise, volatile=True)
class MyReLU(torch.autograd.Function):
    def forward(self, input):
        self.save_for_backward(input)
        return input.clamp(min=0)
    def backward(self, grad_output):
        input, = self.saved_tensors
        grad_input = grad_output.clone()
        grad_input[input < 0] = 0
        return grad_input
a = Variable(torch.randn(3), requires_grad=True)
relu = MyReLU(); relu(a).sum().backward(); print(a.grad.data.numpy() == (a.data > 0).float().numpy())
for p in model.parameters(): p.requires_grad = False
total = 0
for i in range(2): total += loss.data[0]
print(type(total), torch.__version__)
optimizer = optim.Adam(filter(lambda p: p.requires_grad, D.parameters()), lr=1e-3, betas=(0.5, 0.999))
path = sys.argv[1]; torch.save(model.state_dict(), path); model.load_state_dict(torch.load(path))
print(F.softmax(Variable(torch.zeros(2,2))), F.sigmoid(a).size(), F.tanh(a).size(), nn.Softmax()(a).size())


def repackage(h):
    if type(h) == Variable:
        return Variable(h.data)
    return tuple(repackage(v) for v in h)


print(repackage((Variable(torch.zeros(1)), Variable(torch.zeros(1))))[0].requires_grad)
nn.init.xavier_uniform(model.fc1.weight)
nn.utils.clip_grad_norm(D.parameters(), 1.0)
try:
    model(Variable(torch.randn(1, 1, 28, 28), volatile=True)).sum().backward()
except RuntimeError as error:
    print(error)
