"""Forms beside the referral's own pages (which are in ``referrals.sections``)."""

from referrals.forms.files import FileForm, RemoveFileForm
from referrals.forms.review import ReviewForm
from referrals.forms.screening import ScreeningForm, WithdrawForm
from referrals.forms.sending import StartForm

__all__ = ["FileForm", "RemoveFileForm", "ReviewForm", "ScreeningForm", "StartForm", "WithdrawForm"]
