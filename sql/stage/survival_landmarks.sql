-- Grain: one landmark of one measure.
select
    landmarks.measure,
    landmarks.landmark_months,
    landmarks.landmark_days
from ref.survival_landmarks as landmarks
