/* The camera itself: its stream, which of several it is, and one picture at its full size. */
(() => {
  "use strict";
  const house = window.capture;
  if (!house) return;
  const QUALITY = 0.95, FULL = { width: { ideal: 4096 }, height: { ideal: 3072 } }, SLOW = 4000, SAME_SHAPE = 0.03;
  const SENTENCES = {
    NotAllowedError: "The camera is not allowed on this page. Allow it in the browser’s address bar, or upload photos instead.",
    NotFoundError: "No camera was found here. Open this page on a phone, or upload photos instead.",
    NotReadableError: "Another program uses the camera. Close it and try again, or upload photos instead.",
    unsafe: "The browser lends its camera to safe (https) pages only. Upload photos instead.",
    other: "The camera did not start. Try again, or upload photos instead.",
  };
  let stream = null, video = null, cameras = [], device = "";

  /** Begin to show the camera's picture; a sentence for people is thrown when there is none. */
  async function begin(where) {
    video = where;
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) throw new Error(SENTENCES.unsafe);
    const which = device ? { deviceId: { exact: device } } : { facingMode: { ideal: "environment" } };
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...FULL, ...which } });
    } catch (trouble) {
      if (device) { device = ""; return begin(where); }
      throw new Error(SENTENCES[trouble.name] || SENTENCES.other);
    }
    video.srcObject = stream;
    await video.play();
    await known();
  }

  async function known() {
    const all = await navigator.mediaDevices.enumerateDevices();
    cameras = all.filter((one) => one.kind === "videoinput" && one.deviceId);
    device = track().getSettings().deviceId || "";
  }

  const track = () => stream.getVideoTracks()[0];

  function end() {
    if (stream) stream.getTracks().forEach((one) => one.stop());
    if (video) video.srcObject = null;
    stream = null;
  }

  async function change() {
    const at = cameras.findIndex((one) => one.deviceId === device);
    const other = cameras[(at + 1) % cameras.length];
    const where = video;
    end();
    device = other.deviceId;
    await begin(where);
    return other.label;
  }

  /** What the person saw is kept; where the camera can take a larger picture of the same framing, that. */
  async function shoot(withFlash) {
    const seen = drawn();
    const [still, frame] = await Promise.all([photo(withFlash), seen]);
    return still && await isLarger(still) ? still : frame;
  }

  function drawn() {
    const sheet = document.createElement("canvas");
    sheet.width = video.videoWidth;
    sheet.height = video.videoHeight;
    sheet.getContext("2d").drawImage(video, 0, 0);
    return new Promise((resolve, reject) => {
      sheet.toBlob((blob) => (blob ? resolve(blob) : reject(new Error(SENTENCES.other))), "image/jpeg", QUALITY);
    });
  }

  async function photo(withFlash) {
    if (!window.ImageCapture) return null;
    try {
      const taker = new ImageCapture(track()), can = await taker.getPhotoCapabilities();
      const light = withFlash ? "flash" : "off", most = can.imageWidth ? can.imageWidth.max : 0;
      if (most <= Math.max(video.videoWidth, video.videoHeight)) return null;
      const wish = { imageWidth: most, imageHeight: can.imageHeight.max };
      if ((can.fillLightMode || []).includes(light)) wish.fillLightMode = light;
      const late = new Promise((resolve) => { setTimeout(() => resolve(null), SLOW); });
      const blob = await Promise.race([taker.takePhoto(wish), late]);
      return blob && blob.type === "image/jpeg" ? blob : null;
    } catch { return null; }
  }

  /** A still may show more than the live picture did: then the ghost lay on something else, and what was seen holds. */
  async function isLarger(still) {
    const image = await createImageBitmap(still);
    const { width, height } = image;
    image.close();
    const shape = (width / height) / (video.videoWidth / video.videoHeight);
    return width * height > video.videoWidth * video.videoHeight && Math.abs(shape - 1) < SAME_SHAPE;
  }

  house.camera = { begin, end, change, shoot, count: () => cameras.length, isOn: () => Boolean(stream) };
})();
